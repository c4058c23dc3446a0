/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Socket addresses of connect, bind, sendto, sendmsg and sendmmsg. */
#ifndef CAREEN_ENDPOINTS_H
#define CAREEN_ENDPOINTS_H

#define AF_UNIX_ 1
#define AF_INET_ 2
#define AF_INET6_ 10
#define MESSAGES 32

struct raw_address { u16 family; u8 data[UNIX_PATH + 18]; };

static __always_inline void fill_address(struct endpoint_key *key, struct raw_address *raw, u32 length)
{
	key->family = raw->family;
	if (raw->family == AF_INET_) {
		key->port = *(u16 *)raw->data;
		__builtin_memcpy(key->address, raw->data + 2, 4);
		key->length = 4;
	} else if (raw->family == AF_INET6_) {
		key->port = *(u16 *)raw->data;
		__builtin_memcpy(key->address, raw->data + 6, 16);
		key->length = 16;
	} else if (raw->family == AF_UNIX_ && length >= 2) {
		__builtin_memcpy(key->address, raw->data, UNIX_PATH);
		key->length = length - 2;
	}
}

__noinline int endpoint(u32 who, u64 address, u32 length, u32 direction)
{
	struct scratch *s = scratch();
	if (!s || !address || length < 2)
		return 0;
	if (length > UNIX_PATH + 2)
		length = UNIX_PATH + 2;
	/* Not on the stack: all functions of a call have 512 bytes together. */
	struct both { struct endpoint_key key; struct raw_address raw; } *both = (void *)s->text;
	__builtin_memset(both, 0, sizeof(*both));
	both->key.who = who;
	both->key.direction = direction;
	if (bpf_probe_read_user(&both->raw, length & 127, (void *)address)) {
		bump(COUNT_FAULT);
		return 0;
	}
	fill_address(&both->key, &both->raw, length);
	struct tally *tally = bpf_map_lookup_elem(&endpoints, &both->key);
	if (!tally) {
		struct tally fresh = { .first_ns = bpf_ktime_get_ns() };
		bpf_map_update_elem(&endpoints, &both->key, &fresh, BPF_NOEXIST);
		tally = bpf_map_lookup_elem(&endpoints, &both->key);
	}
	if (tally)
		count_name(tally);
	else
		bump(COUNT_ENDPOINTS_FULL);
	return 0;
}

static __always_inline void message_endpoint(u32 who, u64 message, u32 direction)
{
	struct user_message copy = {};
	if (bpf_probe_read_user(&copy, sizeof(copy), (void *)message)) {
		bump(COUNT_FAULT);
		return;
	}
	endpoint(who, copy.name, copy.name_length, direction);
}

__noinline int message_endpoints(u32 who, u64 list, u32 sent, u32 direction)
{
	for (u32 i = 0; i < MESSAGES; i++) {
		if (i >= sent)
			return 0;
		message_endpoint(who, list + i * sizeof(struct user_messages), direction);
	}
	if (sent > MESSAGES)
		bump(COUNT_TRUNCATED);
	return 0;
}
#endif
