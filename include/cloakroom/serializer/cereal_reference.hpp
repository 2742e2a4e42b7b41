// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_SERIALIZER_CEREAL_REFERENCE_HPP
#define CLOAKROOM_SERIALIZER_CEREAL_REFERENCE_HPP

#include <cloakroom/core/value.hpp>

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace cloakroom::inline v0::serializer::cereal_detail {

/// The value that a reference of ours leads to, or nullptr.
inline Value const* follow(Value const& root, std::string_view reference)
{
    if (!reference.starts_with('#'))
        return nullptr;
    auto const* value = &root;
    for (reference.remove_prefix(1); !reference.empty();) {
        if (!reference.starts_with('/'))
            return nullptr;
        reference.remove_prefix(1);
        auto const step = reference.substr(0, reference.find('/'));
        reference.remove_prefix(step.size());
        if (auto const* const array = value->get_if<Array>()) {
            std::size_t index = 0;
            auto const* const end = step.data() + step.size();
            auto const [stop, error] = std::from_chars(step.data(), end, index);
            if (error != std::errc{} || stop != end || index >= array->size())
                return nullptr;
            value = &(*array)[index];
        } else if (auto const* const dict = value->get_if<Dict>()) {
            std::string name;
            for (std::size_t i = 0; i < step.size(); ++i)
                if (step[i] != '~')
                    name += step[i];
                else if (++i < step.size())
                    name += step[i] == '1' ? '/' : '~';
            value = dict->find(name);
            if (value == nullptr)
                return nullptr;
        } else {
            return nullptr;
        }
    }
    return value;
}

} // namespace cloakroom::inline v0::serializer::cereal_detail

#endif
