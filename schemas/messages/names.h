#pragma once
// Names of units, groups and channels. Pure.
//
//   owner, name, group = 1*64 bytes of ( ALPHA / DIGIT / "-" / "_" / "." / UTF-8 beyond ASCII )
//                        ; no control characters
//
//   unit    = owner "/" name
//
//   channel = class "/" owner "/" group    ; class: track, event, state; group "-" for none
//
//   prefix  = 0-3 leading segments of a channel, "*" for any class; matches whole segments only

#include <string>
#include <string_view>

namespace vigie {

inline constexpr std::string_view kNoGroup = "-";
/// The group of what says who may do what; nobody sees it who is not named for it.
inline constexpr std::string_view kAccessGroup = "_access";
/// The group of the hub's own account of who did what; administrators alone see it.
inline constexpr std::string_view kAuditGroup = "_audit";
/// Groups that nothing but their own kind of entry may be in, and that no rule covers unless it
/// names them.
inline bool is_reserved_group(std::string_view group) {
  return group == kAccessGroup || group == kAuditGroup;
}
/// Who invites and revokes for every owner of a hub, and sees no owner's data: an owner's name.
inline constexpr std::string_view kHubOwner = "_hub";

enum class MessageClass : unsigned char { Track = 0, Event = 1, State = 2 };
inline constexpr int kClassCount = 3;

/// "track", "event" or "state".
std::string_view class_name(MessageClass message_class);

/// True for a well-formed owner, name or group.
bool is_segment(std::string_view text);
/// True for OWNER/NAME.
bool is_unit_name(std::string_view text);
/// True for a CURVE public key as identities write it: 64 lower-case hexadecimal digits.
bool is_key(std::string_view text);
/// True for OWNER/NAME, and for OWNER/*: all of an owner's units.
bool is_unit_pattern(std::string_view text);
/// True for an event kind or unit kind: 1-32 of a-z, 0-9, '_'.
bool is_kind(std::string_view text);
/// Bytes of the UTF-8 character in front (RFC 3629), or 0 when it is not well formed. REQUIRES: not
/// empty.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);
/// True for valid UTF-8 without control characters (C0, DEL, C1) other than tab and newline.
bool is_text(std::string_view text);
/// The part of a unit's name before the '/'.
std::string_view owner_of(std::string_view unit);
/// The group as channels write it.
inline std::string_view group_or_none(std::string_view group) {
  return group.empty() ? kNoGroup : group;
}
/// CLASS/OWNER/GROUP.
std::string channel_name(MessageClass message_class, std::string_view owner,
                         std::string_view group);
/// True for a well-formed prefix: 1-3 segments, the first one a class or "*" (any class); a
/// trailing '/' is ignored.
bool is_channel_prefix(std::string_view prefix);
/// True when the channel starts with the whole segments of the prefix.
bool channel_matches(std::string_view prefix, MessageClass message_class, std::string_view owner,
                     std::string_view group);

}  // namespace vigie
