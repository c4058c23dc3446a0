/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the kernel part, the helper and the Python decoder agree on.  `careen-sensor --layout` prints the sizes and offsets, and a
 * test holds careen/sensor/wire.py to them.
 *
 * The helper's output (the descriptor given with --output) is a sequence of frames, all in the machine's byte order:
 *
 *     u32 type (enum frame), u32 length, length bytes
 *
 *   FRAME_SIGHT     one struct sight and its strings: the first time that a key was seen
 *   FRAME_MOUNTS    u32 pid, then the text of /proc/<pid>/mountinfo, read when a container started
 *   FRAME_NAMES     struct name_key + struct tally, repeated: the map of names
 *   FRAME_FILES     struct file_key + struct file_tally, repeated: the map of files
 *   FRAME_ENDPOINTS struct endpoint_key + struct tally, repeated
 *   FRAME_SYSCALLS  u32 scope, then PHASES * SYSCALLS bytes, one for each system call seen
 *   FRAME_COUNTERS  u64 [COUNTERS]
 *   FRAME_PROGRAM   u64 recursion misses, then the program's name
 *   FRAME_OPENED    (fanotify only) u32 flags (1 exec, 2 directory), u32 phase, u64 time, then two strings with their NULs: executable, path
 *   FRAME_END       empty: the trace is whole.  A file without it is the trace of a helper that died.
 *
 * Times are in ns of CLOCK_MONOTONIC, the clock of Python's time.monotonic.
 */
#ifndef CAREEN_ABI_H
#define CAREEN_ABI_H

enum frame { FRAME_SIGHT = 1, FRAME_MOUNTS, FRAME_NAMES, FRAME_FILES, FRAME_ENDPOINTS, FRAME_SYSCALLS, FRAME_COUNTERS, FRAME_PROGRAM, FRAME_END, FRAME_OPENED };

/* How a path or a file was used.  The order is part of the format. */
enum kind {
	KIND_OPEN, KIND_WRITE, KIND_OPEN_WRITE, KIND_EXEC, KIND_MAP_EXEC, KIND_STAT, KIND_ACCESS, KIND_LIST, KIND_READLINK, KIND_CHDIR,
	KIND_LOOKUP, KIND_CHANGE, KIND_LOADER,
	KINDS = 16,
};

/* SIGHT_CODE is a SIGHT_FILE of a file that is mapped to be executed, also where an earlier touch has sent the file: the kind of a touch is in the maps alone. */
enum sight_type { SIGHT_FILE = 1, SIGHT_NAME, SIGHT_START, SIGHT_EXECUTABLE, SIGHT_CODE };

/* Counters from COUNT_EVENTS on are not losses. */
enum counter {
	COUNT_RING_FULL, COUNT_FILES_FULL, COUNT_NAMES_FULL, COUNT_INSIDE_FULL, COUNT_ENDPOINTS_FULL, COUNT_EXECUTABLES_FULL, COUNT_TRUNCATED,
	COUNT_FAULT, COUNT_FD_GONE, COUNT_COMPAT32, COUNT_URING_OUTCOME, COUNT_LOADER_UNKNOWN,
	COUNT_EVENTS, COUNT_UNRESOLVED_FD, COUNT_URINGS,
	COUNTERS,
};

enum direction { DIRECTION_CONNECT = 1, DIRECTION_BIND, DIRECTION_SEND };

#define PHASES 4 /* a power of two, for the verifier; the last one is not used */
#define SCOPES 256
#define ENDPOINTS 16384
#define SYSCALLS 512
#define ID_LENGTH 64
#define UNIX_PATH 108

/* `who` is (scope + 1) << 16 | number of the executable, 0 for the container runtime: 32 bits, so that a key costs no more with it. */
struct file_key { u32 who, dev; u64 ino, parent_ino, name; };
struct name_key { u32 who, dev; u64 directory, hash1, hash2; u32 kind; s32 error; };
struct endpoint_key { u32 who; u16 family, port, direction, length; u8 address[UNIX_PATH]; };

/* Bytes, not bits: storing a 1 needs no atomic, and clang has no 32-bit fetch-or for BPF. */
struct tally { u64 first_ns, count; union { u8 seen[PHASES]; u32 seen_word; }; u32 pad; };
struct file_tally { u64 first_ns, count; u8 seen[PHASES][KINDS]; };

struct scope { u32 mount_ns, root_dev; u64 root_ino, started_ns; u32 root_pid, starts; u8 seen[PHASES][SYSCALLS]; };

/* Followed by three strings: the name as given (with its NUL), the file that was reached, and the directory that a relative name starts
 * from.  The latter two are components, each with its NUL, leaf first, up to the root of their file system. */
struct sight {
	u32 type, who;
	struct file_key file;
	struct name_key name;
	u64 when_ns;
	u32 mode, pid, given_length, reached_length, base_length, unhashed;
};

struct container_id { char hex[ID_LENGTH]; };

/* One row of the system call table: what its arguments mean.  `path` and `dfd` are argument numbers; the second pair is for rename and link. */
enum call { CALL_NONE, CALL_OPEN, CALL_PATH, CALL_FD, CALL_MMAP, CALL_ADDRESS, CALL_MESSAGE, CALL_MESSAGES, CALL_EXEC, CALL_URING };
struct call_shape { u8 call, kind, path, dfd, path2, dfd2, flags, pad; };
#define ABSENT 15
#endif
