/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Keeping a tracing program from being preempted: where it was, the kernel would
 * skip it for every other task of that CPU until it is done.
 */
#ifndef TCPTRACE_PREEMPT_H
#define TCPTRACE_PREEMPT_H

/* Linux 6.10 */
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

/* Set by the addon. */
const volatile bool has_preempt_kfuncs = false;

static __always_inline void preempt_off(void)
{
	if (has_preempt_kfuncs)
		bpf_preempt_disable();
}

static __always_inline void preempt_on(void)
{
	if (has_preempt_kfuncs)
		bpf_preempt_enable();
}

/* Runs a statement without preemption; its value, 0, is what the program returns. */
#define UNPREEMPTED(statement)                                                                     \
	({                                                                                         \
		preempt_off();                                                                     \
		statement;                                                                         \
		preempt_on();                                                                      \
		0;                                                                                 \
	})

#endif
