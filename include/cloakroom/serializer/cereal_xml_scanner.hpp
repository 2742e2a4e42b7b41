// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_XML_SCANNER_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_XML_SCANNER_HPP

#include <cloakroom/core/limits.hpp>
#include <cloakroom/serializer/concept.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// Looks over a text before cereal's XML parser does, which goes down one call per level and believes what it
/// reads: only the few constructs of XML pass that our own texts have. These are one tree of elements without
/// attributes, called as ours are, text where an element holds nothing else, all of it printable ASCII; no
/// entity, comment, document type or instruction but the declaration at the beginning. Keeps the names of
/// open elements alone.
class XmlScanner {
public:
    explicit XmlScanner(std::string_view text) : text_{text} {}

    /// Why the text is refused, or nothing.
    std::optional<DecodeError> scan();

private:
    static constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
    static constexpr std::array<std::string_view, 9> names{"cereal",  "object", "array",   "key", "string",
                                                           "integer", "number", "boolean", "null"};
    static constexpr std::size_t deepest = max_depth + 2; // the root element and a scalar

    DecodeError refusal(std::string_view reason) const { return {reason, at_}; }
    std::string_view rest() const { return text_.substr(at_); }
    bool take(std::string_view expected)
    {
        if (!rest().starts_with(expected))
            return false;
        at_ += expected.size();
        return true;
    }
    std::string_view take_name()
    {
        auto const name = rest().substr(0, std::min(rest().find_first_not_of(letters), rest().size()));
        at_ += name.size();
        return name;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

inline std::optional<DecodeError> XmlScanner::scan()
{
    auto const odd = std::find_if(text_.begin(), text_.end(), [](char c) { return c < ' ' || c > '~'; });
    if (odd != text_.end())
        return DecodeError{"not printable ASCII", static_cast<std::size_t>(odd - text_.begin())};
    take(declaration);
    std::vector<std::string_view> open;
    auto may_hold_text = false; // right behind an opening tag
    do {
        auto const begin = at_;
        at_ = std::min(text_.find_first_of("<&>", at_), text_.size());
        auto const is_text = at_ != begin;
        if (is_text && (!may_hold_text || !rest().starts_with("</")))
            return refusal("text beside an element");
        if (take("</")) {
            auto const name = take_name();
            if (open.empty() || name != open.back() || !take(">"))
                return refusal("a closing tag that closes nothing");
            open.pop_back();
            may_hold_text = false;
        } else if (take("<")) {
            auto const name = take_name();
            if (name.empty())
                return refusal("neither an element nor its end");
            if (std::find(names.begin(), names.end(), name) == names.end())
                return refusal("an element of an unknown kind");
            if (open.size() >= deepest)
                return refusal("nested deeper than 512 levels");
            may_hold_text = take(">");
            if (may_hold_text)
                open.push_back(name);
            else if (!take("/>"))
                return refusal("an element with more than a name");
        } else {
            return refusal("an element is missing");
        }
    } while (!open.empty());
    if (at_ != text_.size())
        return refusal("something follows the root element");
    return std::nullopt;
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
