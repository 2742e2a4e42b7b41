// SPDX-License-Identifier: MIT
#ifndef EXAMPLES_CUSTOM_POLICIES_MESSAGE_PACK_HPP
#define EXAMPLES_CUSTOM_POLICIES_MESSAGE_PACK_HPP

#include "message_pack_reader.hpp"
#include "message_pack_writer.hpp"

#include <cloakroom.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace custom_policies {

namespace cr = cloakroom;

/// Sessions as MessagePack (msgpack.org). Integers beyond 64 bits are an extension of type 1 that holds their
/// digits. Reads every width of numbers and lengths, as other programs write them.
class MessagePack {
public:
    static constexpr cr::Content output = cr::Content::bytes;

    /// Throws TypeError for what load would not take again.
    std::string dump(cr::Dict const& dict) const
    {
        MessagePackWriter writer;
        writer(dict);
        if (writer.bytes.size() > cr::max_payload_size)
            throw cr::TypeError{"a session this large cannot be written"};
        return std::move(writer.bytes);
    }

    cr::Result<cr::Dict, cr::DecodeError> load(std::string_view bytes) const
    {
        if (bytes.size() > cr::max_payload_size)
            return cr::DecodeError{"larger than any session"};
        MessagePackReader reader{bytes};
        cr::Dict dict;
        if (!reader.whole(dict))
            return reader.error();
        return dict;
    }
};

static_assert(cr::SerializerPolicy<MessagePack>);

} // namespace custom_policies

#endif
