/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Pointers with a type that the verifier believes without looking where they come from. */
#ifndef TCPTRACE_CAST_H
#define TCPTRACE_CAST_H

#include "kernel.h"
#include <bpf/bpf_core_read.h>

/* Linux 6.2 */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/* True if the kernel has bpf_rdonly_cast(). */
const volatile bool can_cast = false;

static __always_inline struct sock *cast_sock(const void *sk)
{
	return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct sock));
}

/*
 * A field behind a pointer without a type, 0 where nothing can be read: loaded if the kernel can
 * cast, which takes about 1 ns, else by bpf_probe_read_kernel(), about 25 ns.
 */
#define FIELD(pointer, field)                                                                      \
	(can_cast ? ((typeof(pointer))bpf_rdonly_cast(                                             \
			     pointer, bpf_core_type_id_kernel(typeof(*(pointer)))))                \
			    ->field                                                                \
		  : BPF_CORE_READ(pointer, field))

/*
 * The struct socket of a socket that came with its type. Of a pointer behind a trusted
 * one the verifier asks whether it is trusted, too, which is a search through the names
 * of all types (btf_nested_type_is_trusted() in 6.18), about a millisecond each time.
 */
static __always_inline const struct socket *typed_socket(const struct sock *sk)
{
	if (can_cast)
		sk = cast_sock(sk);
	return sk->sk_socket;
}

#endif
