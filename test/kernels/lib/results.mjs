// Parses the output of one kernel's tests into one result per probe.

const newSection = () => ({
  passed: 0,
  failures: [],
  skipped: {},
  output: [],
  running: undefined,
  finished: false,
});

const during = ({running}) => (running === undefined ? '' : `, in "${running}"`);

const marks = {
  START(section, title) {
    section.running = title;
  },
  PASS(section) {
    section.passed++;
    section.running = undefined;
  },
  FAIL(section, title) {
    section.failures.push({title, details: []});
    section.running = undefined;
  },
  DETAIL: (section, text) => section.failures.at(-1)?.details.push(text),
  SKIP(section, text) {
    section.running = undefined;
    const [, reason] = text.split('\t');
    section.skipped[reason] = (section.skipped[reason] ?? 0) + 1;
  },
  'PROBE-END'(section, text) {
    section.finished = true;
    const [, status] = text.split(' ');
    if (status === '124') {
      section.failures.push({title: `not finished in time${during(section)}`, details: section.output});
    } else if (status !== '0' && section.failures.length === 0) {
      section.failures.push({title: `mocha exited with status ${status}`, details: section.output});
    }
  },
};

const parse = (text) => {
  const sections = new Map();
  let section = newSection();
  for (const line of text.split('\n')) {
    const [, mark, rest] = /^TCPTRACE-([A-Z-]+): (.*)$/.exec(line.trimEnd()) ?? [];
    if (mark === 'PROBE') sections.set(rest, (section = newSection()));
    else if (mark !== undefined) marks[mark]?.(section, rest);
    else if (line.trim() !== '') section.output = [...section.output, line.trimEnd()].slice(-40);
  }

  return sections;
};

/** A probe whose tests did not finish, or were all skipped, has a failure that names the problem of the boot. */
export const resultsOf = ({kernel, version, probes, output, trouble}) => {
  const sections = parse(output);
  const [why, ...console] = trouble.trim().split('\n');
  return probes.map((probe) => {
    const section = sections.get(probe) ?? newSection();
    if (!section.finished) {
      const title = `${why || 'no result: the virtual machine stopped early'}${during(section)}`;
      section.failures.push({title, details: [...section.output, ...console]});
    } else if (section.passed === 0 && section.failures.length === 0) {
      section.failures.push({title: 'no test passed', details: section.output});
    }

    const {passed, failures, skipped} = section;
    return {kernel, version, probe, passed, failures, skipped};
  });
};

export const skips = ({skipped}) => Object.values(skipped).reduce((sum, count) => sum + count, 0);
