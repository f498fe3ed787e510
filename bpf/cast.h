/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Casts pointers of any origin to typed pointers, which the verifier lets programs read. */
#ifndef TCPTRACE_CAST_H
#define TCPTRACE_CAST_H

#include "kernel.h"
#include <bpf/bpf_core_read.h>

/* Since Linux 6.2. */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/* True if the kernel has bpf_rdonly_cast(). */
const volatile bool can_cast = false;

static __always_inline struct sock *cast_sock(const void *sk)
{
	return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct sock));
}

/*
 * Reads a field through an untyped pointer; 0 if it cannot be read. With bpf_rdonly_cast(), this is
 * one load, which is much faster than bpf_probe_read_kernel().
 */
#define FIELD(pointer, field)                                                                      \
	(can_cast ? ((typeof(pointer))bpf_rdonly_cast(                                             \
			     pointer, bpf_core_type_id_kernel(typeof(*(pointer)))))                \
			    ->field                                                                \
		  : BPF_CORE_READ(pointer, field))

/* As FIELD(). @is_typed: a constant; true if the verifier knows the type of the pointer */
#define FIELD_IF(is_typed, pointer, field) ((is_typed) ? (pointer)->field : FIELD(pointer, field))

/*
 * Returns the struct socket of a typed @sk. The cast saves time at load: whenever a program loads a
 * pointer through a trusted one, the verifier searches the names of all types
 * (btf_nested_type_is_trusted() in 6.18).
 */
static __always_inline const struct socket *typed_socket(const struct sock *sk)
{
	if (can_cast)
		sk = cast_sock(sk);
	return sk->sk_socket;
}

#endif
