/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The maps, and the few accessors that everything else uses. */
#ifndef CAREEN_MAPS_H
#define CAREEN_MAPS_H

#define AT_FDCWD -100
#define TEXT 16384 /* power of two: an index masked with TEXT - 1 is in bounds for the verifier */

struct scratch { struct sight sight; char text[TEXT + 512]; };

struct place { u64 dev, ino; };

/* A process of a container.  `phase` is 1 + the phase of its own, which its children have too, or 0: the phase that the container is in. */
struct member { u32 who, phase; };

/* Preallocated: an insert can then fail only because the map is full, and that is what the counter says. */
#define HASH_MAP(name, entries, key_type, value_type) \
	struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, entries); __type(key, key_type); __type(value, value_type); } name SEC(".maps")

/* The strings of all sights together.  A container can make half a million names of 4,095 bytes, and user space holds what is sent. */
const volatile u64 max_text = 128 << 20;
u64 sent_text = 0;

HASH_MAP(names, 524288, struct name_key, struct tally);
HASH_MAP(files, 131072, struct file_key, struct file_tally);
HASH_MAP(endpoints, ENDPOINTS, struct endpoint_key, struct tally);
HASH_MAP(executables, 16384, struct file_key, u32);
HASH_MAP(inside, 65536, u32, struct member); /* by tgid */
HASH_MAP(cwds, 65536, u32, struct place); /* tgid → where it is, for calls that have changed it by the time they return */
/* What the names of a call were when it began, by thread.  Old ones make room: a check is missed, and no name. */
struct hash { u64 one, two; };
struct asked { struct hash first, second; };
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 16384); __type(key, u64); __type(value, struct asked); } asked SEC(".maps");
HASH_MAP(armed, SCOPES, struct container_id, u32);
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, SCOPES); __type(key, u32); __type(value, struct scope); } scopes SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, COUNTERS); __type(key, u32); __type(value, u64); } counters SEC(".maps");
HASH_MAP(attached, SCOPES, u32, u32); /* mount namespace of a container that was running before → scope */
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 2); __type(key, u32); __type(value, struct scratch); } scratches SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 32 << 20); } ring SEC(".maps");

/* Shared with the helper through a mapping of .bss.  `attaching` is 1 + the scope that the iterators fill, `taken` counts the processes that they let in,
 * and `reader` is the process that reads them: the helper, by the number that the kernel has for it.  `entering` is the phase, as a member has it, of
 * the processes that an exec of the engine's brings in, and `entered` whether there were any: without them nothing is looked up. */
struct state { u32 phase, last_executable, attaching, taken, reader, entering, entered; };
struct state state = {};

static __always_inline void bump(u32 counter)
{
	u64 *value = bpf_map_lookup_elem(&counters, &counter);
	if (value)
		(*value)++;
}

static __always_inline u32 current_tgid(void) { return bpf_get_current_pid_tgid() >> 32; }

/* Who the current process is, 0 if it is not in a watched container. */
static __always_inline u32 whoami(void)
{
	u32 tgid = current_tgid();
	struct member *member = bpf_map_lookup_elem(&inside, &tgid);
	return member ? member->who : 0;
}

/* The phase that the current process has of its own, as a member has it. */
static __always_inline u32 own_phase(void)
{
	u32 tgid = current_tgid();
	struct member *member = *(volatile u32 *)&state.entered ? bpf_map_lookup_elem(&inside, &tgid) : NULL;
	return member ? member->phase : 0;
}

static __always_inline u32 current_phase(void)
{
	u32 own = own_phase();
	return (own ? own - 1 : *(volatile u32 *)&state.phase) & (PHASES - 1);
}

static __always_inline u32 scope_of(u32 who) { return (who >> 16) - 1; }

/* The tracepoints' programs are not preempted; the iterators, which run in the helper's own context only, are, and have a scratch of their own. */
static __always_inline struct scratch *scratch(void)
{
	u32 slot = state.reader && current_tgid() == state.reader;
	return bpf_map_lookup_elem(&scratches, &slot);
}
#endif
