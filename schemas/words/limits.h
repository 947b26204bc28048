#pragma once
// Every limit of Vigie, with what happens when it is reached. Sizes are bytes unless the name says
// otherwise. What an operator may change is an option in the hub's configuration; these are then
// the defaults or the bounds.

#include <cstddef>
#include <cstdint>

namespace vigie::limits {

// --- Messages: beyond these a message is refused (TooLarge, BadName, BadValue) ---
inline constexpr std::size_t kBatchBytesMax = 64 * 1024;   // one publish message
inline constexpr std::size_t kBatchEntriesMax = 8 * 1024;  // messages in one batch
// Texts, fields, references, carried units and readings of one batch, each counted where it stands:
// FlatBuffers lets many messages share one text, and every one of them is stored with its own.
inline constexpr std::size_t kBatchUnpackedBytesMax = 2 * kBatchBytesMax;
inline constexpr std::size_t kRequestBytesMax = 64 * 1024;  // one request on the listen endpoint
inline constexpr std::size_t kNameBytesMax = 64;            // OWNER, NAME, GROUP each
inline constexpr std::size_t kKindBytesMax = 32;            // event kind, unit kind
inline constexpr std::size_t kTextBytesMax = 4096;          // event text
inline constexpr std::size_t kFieldsMax = 32;               // key/value fields of an event
inline constexpr std::size_t kFieldKeyBytesMax = 64;
inline constexpr std::size_t kFieldValueBytesMax = 1024;
inline constexpr std::size_t kReferencesMax = 32;
inline constexpr std::size_t kCarriesMax = 64;           // units carried, on one card
inline constexpr std::size_t kReadingsBytesMax = 1024;   // sensor readings of one fix
inline constexpr std::size_t kClientTextBytesMax = 128;  // a client's name for the status
inline constexpr std::size_t kGivenUpRangesMax = 1024;
inline constexpr std::size_t kIdentityUnitsMax = 1024;  // units that one identity publishes for
inline constexpr std::size_t kGrantGroupsMax = 256;     // groups, and units, of one grant
inline constexpr std::uint32_t kGrantDelaySMax = 366 * 86'400;
inline constexpr std::uint32_t kGrantRoundMMax = 100'000;
inline constexpr std::uint32_t kGrantEverySMax = 86'400;

// --- Views: beyond these an open is denied (BadView) ---
inline constexpr std::size_t kViewChannelsMax = 256;
inline constexpr std::size_t kViewUnitsMax = 4096;
inline constexpr std::uint32_t kPaceMsMax = 3'600'000;

// --- Verifying FlatBuffers: beyond these a message is Malformed ---
inline constexpr std::uint32_t kVerifierDepthMax = 16;
inline constexpr std::uint32_t kVerifierTablesMax = 64 * 1024;

// --- Bodies and frames ---
inline constexpr std::size_t kBodyBytesMax = 208 * 1024;  // a body is closed before it grows beyond
inline constexpr std::size_t kBodyBytesGoal = 128 * 1024;  // a turn stops reading publishers here
inline constexpr std::size_t kFrameBytesMax =
    256 * 1024;  // what a console must be able to take by default
inline constexpr std::size_t kFrameBytesMin = 8 * 1024;   // the least a console may ask for
inline constexpr std::size_t kPageBytesGoal = 32 * 1024;  // snapshot pages and conflated frames

// --- Queues ---
inline constexpr std::size_t kRingBytesMax =
    64 * 1024 * 1024;  // newest bodies in memory; beyond: behind
inline constexpr std::size_t kStoreQueueBytesMax =
    32 * 1024 * 1024;  // not yet durable; beyond: no more is read
inline constexpr std::size_t kCreditBytesDefault = 1024 * 1024;  // a console's window
inline constexpr std::size_t kCreditBytesMax =
    8 * 1024 * 1024;  // a hub takes as much unless told otherwise
inline constexpr std::size_t kPublishWindowBytes = 1024 * 1024;  // a publisher's window, unloaded

// --- Spools ---
inline constexpr std::size_t kSpoolHolesMax =
    4096;  // intervals of settled numbers; beyond: TooManyHoles
inline constexpr std::int64_t kSpoolSilentUsMax = 90ll * 86'400 * 1'000'000;  // then it is closed

// --- Sessions ---
inline constexpr std::size_t kSessionsMax = 4096;  // beyond: TooManySessions
inline constexpr std::size_t kReplaysMax = 64;     // at once; beyond: TooManySessions
inline constexpr std::int64_t kHeartbeatUs = 2'000'000;
inline constexpr std::int64_t kSilenceUsMax =
    15'000'000;  // a session unheard for so long is closed

// --- Of one identity, where everybody is asked who they are ---
inline constexpr std::size_t kPublishersPerIdentity = 1024;  // connections; beyond: TooManySessions
inline constexpr std::uint64_t kPublishBytesPerSecond = 16 * 1024 * 1024;  // beyond: TooFast
inline constexpr std::size_t kSessionsPerIdentity = 64;     // beyond: TooManySessions
inline constexpr std::size_t kReplaysPerIdentity = 8;       // at once; beyond: TooManySessions
inline constexpr std::size_t kHandshakesPerIdentity = 100;  // a second; beyond: put off

// --- Of strangers, whose connections have not said who they are; of an address and of all ---
inline constexpr std::size_t kConnectionsPerAddress = 4096;  // beyond: cut off
inline constexpr std::size_t kHandshakesPerSecond = 250;     // in all; beyond, they wait
inline constexpr std::size_t kHandshakesPendingMax = 256;    // begun and not ended; beyond: cut off

// --- Quarantine: what was refused; beyond these the oldest goes ---
inline constexpr std::size_t kQuarantineMessagesMax = 4096;
inline constexpr std::size_t kQuarantineBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kQuarantinePerSenderMax = 256;  // of one identity or address

// --- Sources of one unit ---
/// A source that was unheard for so long does not stand before those that rank after it.
inline constexpr std::int64_t kSourceFreshUs = 30'000'000;

// --- Clocks ---
/// A device's offset below this is link delay, not a wrong clock, and is not corrected.
inline constexpr std::int64_t kClockOffsetUsMin = 2'000'000;
inline constexpr std::int64_t kClockWindowUs =
    600ll * 1'000'000;  // the offset is the least over this window
/// A corrected true time this far ahead of the known time is marked implausible.
inline constexpr std::int64_t kAheadUsMax = 60'000'000;

// --- Seqs ---
inline constexpr std::uint64_t kSeqBlock = 1u << 20;  // seqs reserved on disk at a time

static_assert(kBodyBytesGoal + kBatchBytesMax + 8 * 1024 <= kBodyBytesMax);
static_assert(kBodyBytesMax + 1024 <= kFrameBytesMax);
static_assert(kCreditBytesDefault >= 2 * kFrameBytesMax);
static_assert(kStoreQueueBytesMax * 2 <= kRingBytesMax);

}  // namespace vigie::limits
