import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type {Claim} from '#dist/enrich/runtimes/runtime.js';
import {runs} from '../helpers/runs.js';
import {findMount} from '#dist/enrich/cgroups.js';
import {findContainers, findPodmanPod, isRootless} from '#dist/enrich/container-id.js';
import {createContainerNames} from '#dist/enrich/runtimes/names.js';

const ID = 'd2c0a5e1'.repeat(8);
const OTHER = '0f1e2d3c'.repeat(8);
const POD = '5a0f8b0c-6d4e-4d51-9a77-2f6d7c1b9f10';

const USER = '/user.slice/user-1000.slice/user@1000.service';

describe('container of a cgroup', () => {
  const paths: Record<string, readonly [string, ...string[]]> = {
    'Docker, systemd': [`/system.slice/docker-${ID}.scope`, ID],
    'Docker, cgroupfs': [`/docker/${ID}`, ID],
    'Docker in Docker: the outermost first': [`/docker/${OTHER}/docker/${ID}`, OTHER, ID],
    'a cgroup that a container makes': [`/docker/${ID}/system.slice/nginx.service`, ID],
    'a cgroup that a container names after another container': [
      `/docker/${ID}/system.slice/docker-${OTHER}.scope`,
      ID,
      OTHER,
    ],
    'a cgroup that a container names conmon': [`/docker/${ID}/conmon/a-conmon-b`, ID],
    'containerd, systemd': [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`,
      ID,
    ],
    'containerd, cgroupfs': [`/kubepods/besteffort/pod${POD}/${ID}`, ID],
    'containerd, systemd names with cgroupfs': [`/kubepods-pod${POD}.slice:cri-containerd:${ID}`, ID],
    'CRI-O': [`/kubepods.slice/kubepods-pod${POD}.slice/crio-${ID}.scope`, ID],
    'monitor of CRI-O': [`/kubepods.slice/kubepods-pod${POD}.slice/crio-conmon-${ID}.scope`],
    Podman: [`/machine.slice/libpod-${ID}.scope/container`, ID],
    'Podman, cgroupfs': [`/libpod_parent/libpod-${ID}`, ID],
    'Podman pod': [`/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`, ID],
    'Podman pod, cgroupfs': [`/libpod_parent/${OTHER}/libpod-${ID}`, ID],
    'Podman in a unit': [`/system.slice/web.service/libpod-payload-${ID}`, ID],
    'monitor of Podman': [`/machine.slice/libpod-conmon-${ID}.scope`],
    'a monitor only by a part of its name': [`/conmonitor.slice/docker-${ID}.scope`, ID],
    'rootless Podman': [`${USER}/user.slice/libpod-${ID}.scope/container`, ID],
    'rootless Docker': [`${USER}/user.slice/docker-${ID}.scope`, ID],
    'a cgroup of a user that no rootless runtime makes': [`${USER}/cri-containerd-${ID}.scope`],
    'a cgroup of a user that is only an id': [`${USER}/app.slice/${ID}`],
    ECS: [`/ecs/${'a'.repeat(32)}/${ID}`, ID],
    Fargate: [`/ecs/${'a'.repeat(32)}/${'a'.repeat(32)}-1234567890`, `${'a'.repeat(32)}-1234567890`],
    'outside of a cgroup namespace': [`/../../${ID}`, ID],
    LXC: ['/lxc.payload.web/init.scope', 'web'],
    'LXC before version 4': ['/lxc/web', 'web'],
    'monitor of LXC': ['/lxc.monitor.web'],
    'Docker in LXC': [`/lxc.payload.web/docker/${ID}`, 'web', ID],
    'systemd-nspawn, unit': ['/machine.slice/systemd-nspawn@web.service/payload/init.scope', 'web'],
    'systemd-nspawn, scope': ['/machine.slice/machine-my\\x2dweb.scope/payload', 'my-web'],
    'virtual machine of libvirt': ['/machine.slice/machine-qemu\\x2d1\\x2dvm.scope'],
    'a service': ['/system.slice/nginx.service'],
    'a session': ['/user.slice/user-0.slice/session-1.scope'],
    'the root': ['/'],
    'too short': [`/docker/${ID.slice(1)}`],
    'too long': [`/docker/${ID}a`],
    'upper case': [`/docker/${ID.toUpperCase()}`],
  };
  for (const [name, [text, ...ids]] of Object.entries(paths)) {
    it(name, () => {
      assert.deepEqual(
        findContainers(text).map(({id}) => id),
        ids,
      );
    });
  }

  it('containerd with a plain id: only if containerd runs it', () => {
    const isTask = (namespace: string, id: string): boolean => namespace === 'default' && id === 'web';
    assert.deepEqual(findContainers('/default/web', isTask), [{id: 'web', parent: '/default'}]);
    assert.deepEqual(findContainers('/default/other', isTask), []);
    assert.deepEqual(findContainers(`${USER}/default/web`, isTask), []);
  });

  it('finds the user that runs the container', () => {
    const [container] = findContainers(`${USER}/user.slice/libpod-${ID}.scope`);
    assert.deepEqual(container, {id: ID, uid: 1000, parent: `${USER}/user.slice`});
    assert.ok(isRootless(`${USER}/user.slice/libpod-${ID}.scope`, container));
    assert.ok(!isRootless(`/custom/${ID}`, {id: ID, parent: '/custom'}));
  });

  it('the Podman pod', () => {
    const pods = [
      `/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`,
      `${USER}/user.slice/user-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`,
      `/libpod_parent/${OTHER}/libpod-${ID}`,
    ];
    for (const pod of pods) assert.equal(findPodmanPod(pod), OTHER);
    assert.equal(findPodmanPod(`/machine.slice/libpod-${ID}.scope`), undefined);
  });

  it('any text: ids that are in it, and no exception', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        for (const {id, name} of findContainers(text)) assert.ok(name !== undefined || text.includes(id));
      }),
      runs(),
    );
  });
});

describe('mount point of the unified hierarchy', () => {
  it('alone, with cgroup v1, at a path with a space, not mounted', () => {
    const one = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';
    const old = '31 23 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n';
    const odd = '32 23 0:26 / /mnt/a\\040b rw - cgroup2 none rw\n';
    assert.equal(findMount(one), '/sys/fs/cgroup');
    assert.equal(findMount(old + odd), '/mnt/a b');
    assert.equal(findMount(old), undefined);
  });
});

describe('names in state files', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'tcptrace-runtimes-'));
  });

  afterEach(() => {
    rmSync(root, {recursive: true});
  });

  function put(file: string, content: unknown): void {
    const name = path.join(root, file);
    mkdirSync(path.dirname(name), {recursive: true});
    writeFileSync(name, typeof content === 'string' ? content : JSON.stringify(content));
  }

  function namesOf(id: string, claim: Partial<Claim> = {}) {
    const known = Object.entries(createContainerNames(root).namesOf({id, ...claim}));
    return Object.fromEntries(known.filter(([, value]) => value !== undefined));
  }

  const DOCKER = `var/lib/docker/containers/${ID}/config.v2.json`;
  const TASKS = 'run/containerd/io.containerd.runtime.v2.task';
  const STORAGE = 'var/lib/containers/storage/overlay-containers';

  const OF_KUBELET = {
    'io.kubernetes.container.name': 'app',
    'io.kubernetes.pod.name': 'shop-0',
    'io.kubernetes.pod.namespace': 'prod',
  };
  const IN_POD = {container_name: 'app', pod: 'shop-0', pod_namespace: 'prod'};

  it('Docker', () => {
    put(DOCKER, {ID, Name: '/web', Config: {Labels: {}}});
    assert.deepEqual(namesOf(ID), {container_name: 'web'});
  });

  it('Docker with Kubernetes', () => {
    put(DOCKER, {Name: '/k8s_app_shop-0_prod', Config: {Labels: OF_KUBELET}});
    assert.deepEqual(namesOf(ID), IN_POD);
  });

  it('containerd with Kubernetes', () => {
    const annotations = {
      'io.kubernetes.cri.container-name': 'app',
      'io.kubernetes.cri.sandbox-name': 'shop-0',
      'io.kubernetes.cri.sandbox-namespace': 'prod',
    };
    put(`${TASKS}/k8s.io/${ID}/config.json`, {annotations});
    assert.deepEqual(namesOf(ID), IN_POD);
  });

  it('nerdctl', () => {
    put(`${TASKS}/default/${OTHER}/config.json`, {annotations: {'nerdctl/name': 'other'}});
    put(`${TASKS}/default/${ID}/config.json`, {annotations: {'nerdctl/name': 'web'}});
    assert.deepEqual(namesOf(ID), {container_name: 'web'});
  });

  it('CRI-O', () => {
    put(`${STORAGE}/${ID}/userdata/config.json`, {annotations: OF_KUBELET});
    assert.deepEqual(namesOf(ID), IN_POD);
  });

  it('Podman', () => {
    put(`${STORAGE}/${ID}/userdata/config.json`, {annotations: {}});
    put(`${STORAGE}/containers.json`, [
      {id: OTHER, names: ['other']},
      {id: ID, names: ['web']},
    ]);
    assert.deepEqual(namesOf(ID), {container_name: 'web'});
  });

  for (const database of ['libpod/bolt_state.db', 'db.sql'])
    it(`Podman's pods in ${database}`, () => {
      const pod = '4'.repeat(64);
      const infra = {id: OTHER, names: [`${pod.slice(0, 12)}-infra`]};
      const annotations = {'io.kubernetes.cri-o.SandboxID': OTHER};
      put(`${STORAGE}/${ID}/userdata/config.json`, {annotations});
      put(`${STORAGE}/${OTHER}/userdata/config.json`, {annotations: {}, hostname: 'host'});
      put(`${STORAGE}/containers.json`, [infra, {id: ID, names: ['web']}]);
      const text = `{"id":"${ID}","name":"web"}\0{"id":"${pod}","name":"front","hostname":"host"}`;
      put(path.join(path.dirname(STORAGE), database), `\xff\0${text}`);
      const named = {container_name: 'web', pod: 'front'};
      assert.deepEqual([namesOf(ID), namesOf(ID, {podId: pod})], [named, named]);
      put(`${STORAGE}/${ID}/userdata/config.json`, {annotations: {'io.kubernetes.cri-o.SandboxID': pod}});
      assert.deepEqual(namesOf(ID), named);
      assert.deepEqual(namesOf(ID, {podId: '5'.repeat(64)}), {container_name: 'web'});
    });

  it('unknown container: no names', () => {
    assert.deepEqual(namesOf(ID), {});
  });

  it('any file: never throws', () => {
    const value = fc.oneof(
      fc.constantFrom('web', '\x1b[2J', '', 1, null, [], {}, ['web']),
      fc.jsonValue({maxDepth: 1}),
    );
    const key = fc.constantFrom(...Object.keys(OF_KUBELET), 'nerdctl/name', '__proto__', 'constructor');
    const labels = fc.oneof(fc.dictionary(key, value), value);
    const config = fc.record(
      {
        id: fc.constant(ID),
        Name: value,
        names: fc.array(value),
        Config: fc.record({Labels: labels}),
        annotations: labels,
      },
      {requiredKeys: []},
    );
    const text = fc.oneof(config, fc.array(config)).map((it) => JSON.stringify(it));
    const cut = fc.tuple(text, fc.nat(300)).map(([json, length]) => json.slice(0, length));
    const files = [
      DOCKER,
      `${TASKS}/k8s.io/${ID}/config.json`,
      `${STORAGE}/${ID}/userdata/config.json`,
      `${STORAGE}/containers.json`,
    ];
    for (const file of files) put(file, '');
    let named = 0;
    fc.assert(
      fc.property(
        fc.oneof(text, cut, fc.json(), fc.string({unit: 'binary'})),
        fc.constantFrom(...files),
        (content, file) => {
          put(file, content);
          const names = namesOf(ID);
          for (const name of Object.values(names)) assert.ok(typeof name === 'string' && name.length <= 256);
          if (Object.keys(names).length > 0) named += 1;
          put(file, '');
        },
      ),
      runs(200),
    );
    assert.ok(named > 0);
    const evil = '{"Name":["/x"],"Config":{"Labels":{"__proto__":{"io.kubernetes.pod.name":"x"}}}}';
    put(DOCKER, evil);
    assert.deepEqual(namesOf(ID), {});
  });
});
