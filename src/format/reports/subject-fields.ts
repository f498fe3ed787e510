import type {Subject} from '../../aggregate/subject.js';

/** Returns the fields of a subject for JSON. */
export function describeSubject(subject: Subject): object {
  switch (subject.kind) {
    case 'process':
      return {pid: subject.pid, comm: subject.comm};
    case 'program':
      return {comm: subject.comm};
    case 'connection': {
      const {pid, comm, direction, family, laddr, lport, raddr, rport, netns, inode} = subject;
      return {pid, comm, direction, family, laddr, lport, raddr, rport, netns, inode};
    }
    case 'remote':
      return {family: subject.family, raddr: subject.address, rport: subject.port};
    case 'container': {
      const {container, container_name, pod, pod_namespace} = subject;
      return {container, container_name, pod, pod_namespace};
    }
    case 'lport':
      return {lport: subject.port};
    case 'user':
      return {uid: subject.uid, user: subject.user};
    case 'pod':
      return {pod: subject.pod, pod_namespace: subject.pod_namespace};
    case 'others':
      return {others: true};
  }
}
