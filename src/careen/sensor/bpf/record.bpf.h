/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The two records: a file that was reached, a name that was given.  The first sight of a key sends its strings over the ring buffer; after
 * that it is a map hit and sends nothing.  Nothing is sent per event, so nothing is lost unless a map or the ring is full, and that is counted. */
#ifndef CAREEN_RECORD_H
#define CAREEN_RECORD_H

static __always_inline struct sight *begin(struct scratch *s, u32 type, u32 who)
{
	__builtin_memset(&s->sight, 0, sizeof(s->sight));
	s->sight.type = type;
	s->sight.who = who;
	s->sight.when_ns = bpf_ktime_get_ns();
	s->sight.pid = current_tgid();
	return &s->sight;
}

/* `full` counts what does not fit into max_text. */
static __always_inline long send(struct scratch *s, u32 text_length, u32 full)
{
	text_length &= TEXT - 1;
	if (*(volatile u64 *)&sent_text + text_length > max_text) {
		bump(full);
		return -1;
	}
	__sync_fetch_and_add(&sent_text, text_length);
	long error = bpf_ringbuf_output(&ring, s, sizeof(s->sight) + (text_length & (TEXT - 1)), BPF_RB_NO_WAKEUP);
	if (error)
		bump(COUNT_RING_FULL);
	return error;
}

static __always_inline void count_file(struct file_tally *tally, u32 kind)
{
	u32 phase = current_phase();
	__sync_fetch_and_add(&tally->count, 1);
	if (!tally->seen[phase][kind]) /* load before store: no cache line moves once a key is warm */
		tally->seen[phase][kind] = 1;
}

static __always_inline long send_file(u32 type, struct file_key *key, struct dentry *dentry, u64 address)
{
	struct scratch *s = scratch();
	if (!s)
		return 0;
	struct sight *sight = begin(s, type, key->who);
	describe(sight, dentry);
	sight->file = *key;
	sight->reached_length = walk_up(address, 0) & 4095;
	return send(s, sight->reached_length, COUNT_FILES_FULL);
}

/* Whoever reads the sights while they come learns from them which files are code: a library is opened and asked for its size before it is mapped. */
static __always_inline int is_new_code(struct file_tally *tally, u32 kind)
{
	return (kind == KIND_MAP_EXEC || kind == KIND_LOADER) && !tally->seen[current_phase()][kind];
}

/* A file was reached without a name: by descriptor, by mapping, by exec. */
__noinline int touch(u32 who, u64 address, u32 kind)
{
	struct dentry *dentry = dentry_at(address);
	struct file_key key = { .who = who };
	if (!BPF_CORE_READ(dentry, d_inode))
		return 0;
	kind &= KINDS - 1;
	identify(dentry, &key);
	struct file_tally *tally = bpf_map_lookup_elem(&files, &key);
	if (!tally) {
		struct file_tally fresh = { .first_ns = bpf_ktime_get_ns() };
		long error = bpf_map_update_elem(&files, &key, &fresh, BPF_NOEXIST);
		tally = bpf_map_lookup_elem(&files, &key);
		if (!tally) {
			bump(COUNT_FILES_FULL);
			return 0;
		}
		if (!error && send_file(SIGHT_FILE, &key, dentry, address)) { /* an error there: another CPU was first, and sends */
			bpf_map_delete_elem(&files, &key); /* so that the next touch tries again */
			return 0;
		}
	}
	if (is_new_code(tally, kind) && send_file(SIGHT_CODE, &key, dentry, address))
		return 0; /* counted as a loss; the next touch tries again */
	count_file(tally, kind);
	return 0;
}

/* A name that was given to the kernel.  One struct, since BPF functions take five arguments.
 * `text` points to user or kernel memory; `reached` is what it led to, when known; `moved`: the call has changed where names start from. */
enum moved { MOVED_NOT, MOVED_CWD, MOVED_ROOT };
#define PATH_BYTES 4096 /* the kernel's PATH_MAX, with the NUL */
struct query { u64 text, reached; long dfd, error; u32 who, kind, in_user, moved, second; };

/* Read the name to s->text, zero padded; return its length with the NUL, 0 if there is none to record. */
static __always_inline u32 read_name(struct scratch *s, struct query *q)
{
	if (!q->text) /* utimensat(2), statx(2): the call is about the descriptor, no name was given */
		return 0;
	long length = q->in_user ? bpf_probe_read_user_str(s->text, PATH_BYTES + 1, (void *)q->text)
				: bpf_probe_read_kernel_str(s->text, PATH_BYTES + 1, (void *)q->text);
	if (length < 0) {
		if (q->error != -14) /* EFAULT: the kernel could not read it either, so nothing was looked up */
			bump(COUNT_FAULT);
		return 0;
	}
	if (length > PATH_BYTES) {
		if (q->error != -36) /* ENAMETOOLONG: refused by its length */
			bump(COUNT_TRUNCATED);
		return 0;
	}
	*(u64 *)&s->text[length & 8191] = 0;
	return length & 8191;
}

static __always_inline void start_at(struct dentry *base, struct name_key *key)
{
	key->dev = base->d_sb->s_dev;
	key->directory = base->d_inode->i_ino;
}

/* Where the process was before this call, or its container's root: what a name started from when the call itself has changed that. */
static __always_inline void start_before(struct scratch *s, u32 who, struct name_key *key)
{
	u32 index = scope_of(who), tgid = current_tgid();
	struct scope *scope = bpf_map_lookup_elem(&scopes, &index);
	struct place *cwd = bpf_map_lookup_elem(&cwds, &tgid);
	if (s->text[0] == '/' && scope) {
		key->dev = scope->root_dev;
		key->directory = scope->root_ino;
	} else if (s->text[0] != '/' && cwd) {
		key->dev = cwd->dev;
		key->directory = cwd->ino;
	}
}

/* Put the directory that the name starts from into the key. */
static __always_inline void start_of(struct scratch *s, long dfd, struct name_key *key)
{
	struct fs_struct *fs = bpf_get_current_task_btf()->fs;
	if (s->text[0] == '/') {
		start_at(fs->root.dentry, key);
	} else if ((int)dfd == AT_FDCWD) {
		start_at(fs->pwd.dentry, key);
	} else {
		struct dentry *base = BPF_CORE_READ(file_of(dfd), f_path.dentry);
		key->dev = BPF_CORE_READ(base, d_sb, s_dev);
		key->directory = BPF_CORE_READ(base, d_inode, i_ino);
	}
}

/* The same directory as a number, for walk_up: a typed pointer cannot be turned into one. */
static __always_inline u64 start_address(struct scratch *s, long dfd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	if (s->text[0] == '/')
		return (u64)BPF_CORE_READ(task, fs, root.dentry);
	if ((int)dfd == AT_FDCWD)
		return (u64)BPF_CORE_READ(task, fs, pwd.dentry);
	return (u64)BPF_CORE_READ(file_of(dfd), f_path.dentry);
}

static __always_inline int is_plain_root(struct scratch *s, u32 who, struct name_key *key)
{
	u32 index = scope_of(who);
	struct scope *scope = bpf_map_lookup_elem(&scopes, &index);
	return s->text[0] == '/' && scope && key->dev == scope->root_dev && key->directory == scope->root_ino;
}

static __always_inline void send_name(struct scratch *s, struct query *q, struct name_key *key, u64 base, u32 length)
{
	struct sight *sight = begin(s, SIGHT_NAME, q->who);
	u32 reached = 0, from = 0, offset = length & 8191;
	sight->name = *key;
	sight->given_length = offset;
	if (q->reached) {
		describe(sight, dentry_at(q->reached));
		reached = walk_up(q->reached, offset) & 4095;
		offset = (offset + reached) & 8191;
	}
	if (key->directory && base && !is_plain_root(s, q->who, key))
		from = walk_up(base, offset) & 4095;
	sight->reached_length = reached;
	sight->base_length = from;
	if (send(s, offset + from, COUNT_NAMES_FULL))
		bpf_map_delete_elem(&names, key);
}

static __always_inline void count_name(struct tally *tally)
{
	u32 phase = current_phase();
	__sync_fetch_and_add(&tally->count, 1);
	if (!tally->seen[phase])
		tally->seen[phase] = 1;
}

/* The name is read when the call returns, as its outcome is known only then.  Another thread can write over it meanwhile. */
static __always_inline void see_change(struct query *q, struct hash *now)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct asked *before = q->in_user ? bpf_map_lookup_elem(&asked, &thread) : NULL;
	if (!before)
		return;
	struct hash *then = q->second ? &before->second : &before->first;
	if (then->one && (then->one != now->one || then->two != now->two))
		bump(COUNT_FAULT);
}

/* Record the name.  Returns 0 if it is the empty string, which means the descriptor itself (AT_EMPTY_PATH). */
__noinline int name(struct query *q)
{
	struct scratch *s = scratch();
	struct name_key key = {};
	struct hash hash = {};
	if (!s || !q)
		return 1;
	u32 length = read_name(s, q);
	if (length == 0)
		return 1;
	if (length == 1)
		return 0;
	bump(COUNT_EVENTS);
	key.who = q->who;
	key.kind = q->kind;
	key.error = q->error;
	int before = q->moved == MOVED_ROOT || (q->moved == MOVED_CWD && s->text[0] != '/');
	if (before)
		start_before(s, q->who, &key);
	else
		start_of(s, q->dfd, &key);
	hash_text(length, &hash);
	see_change(q, &hash);
	key.hash1 = hash.one;
	key.hash2 = hash.two;
	struct tally *tally = bpf_map_lookup_elem(&names, &key);
	if (tally) {
		count_name(tally);
		return 1;
	}
	struct tally fresh = { .first_ns = bpf_ktime_get_ns(), .count = 1 };
	fresh.seen_word = 1u << (current_phase() * 8); /* an index here is one into the stack, which the verifier refuses */
	if (!bpf_map_update_elem(&names, &key, &fresh, BPF_NOEXIST)) {
		send_name(s, q, &key, before ? 0 : start_address(s, q->dfd), length);
		return 1;
	}
	tally = bpf_map_lookup_elem(&names, &key); /* another CPU was first, or the map is full */
	if (tally)
		count_name(tally);
	else
		bump(COUNT_NAMES_FULL);
	return 1;
}

/* Remember the working directory, and record it as a file: its path is then known by its number. */
static __always_inline void note_cwd(u32 who)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct dentry *dentry = BPF_CORE_READ(task, fs, pwd.dentry);
	struct place place = { .dev = BPF_CORE_READ(dentry, d_sb, s_dev), .ino = BPF_CORE_READ(dentry, d_inode, i_ino) };
	u32 tgid = current_tgid();
	touch(who, (u64)dentry, KIND_CHDIR);
	if (bpf_map_update_elem(&cwds, &tgid, &place, BPF_ANY))
		bump(COUNT_INSIDE_FULL);
}

static __always_inline void note_root(u32 who)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	touch(who, (u64)BPF_CORE_READ(task, fs, root.dentry), KIND_CHDIR);
}
#endif
