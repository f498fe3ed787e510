/** --metrics, scraped by a Prometheus: the sums in its database are those of the events of the same trace. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {churn} from '../helpers/churn.js';
import {hasProgram, ROOT} from '../helpers/machine.js';
import {sumEvents, sumSeries} from '../helpers/metric-sums.js';
import {HOSTILE_NAMES, NAME} from '../helpers/metered-names.js';
import {metricsUrl, scrapeText} from '../helpers/scrape.js';
import {skip, suite} from '../helpers/suite.js';
import {Tracer} from '../helpers/tracer.js';
import {CONTRIB, type Prometheus, startPrometheus} from './prometheus.js';

/** @param input for stdin */
function promtool(args: readonly string[], input = ''): void {
  const {status, stdout, stderr} = spawnSync('promtool', args, {encoding: 'utf8', input});
  assert.deepEqual([status, stderr], [0, ''], stdout);
}

/** Returns the expressions of the dashboard, with values for its variables. */
function dashboardExpressions(): readonly string[] {
  const text = readFileSync(path.join(CONTRIB, 'dashboard.json'), 'utf8');
  const expressions: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (key === 'expr') expressions.push(value as string);
    return value;
  });
  const VALUES: Readonly<Record<string, string>> = {__rate_interval: '1m', __range: '5m', job: 'tcptrace'};
  return expressions.map((text) => text.replaceAll(/\$(\w+)/g, (_, name: string) => VALUES[name] ?? '.*'));
}

suite('Prometheus', (stage) => {
  let tracer: Tracer;
  let prometheus: Prometheus;
  before(async function () {
    if (!hasProgram('prometheus')) skip(this, 'no prometheus');
    tracer = await Tracer.start(['--metrics', '0', '--event', 'connect,accept,fail,close']);
    prometheus = await startPrometheus(metricsUrl(tracer.stderr));
  });
  after(async () => {
    await (prometheus as Prometheus | undefined)?.[Symbol.asyncDispose]();
    await (tracer as Tracer | undefined)?.[Symbol.asyncDispose]();
  });

  for (const [what, name] of Object.entries({letters: Buffer.from(NAME), ...HOSTILE_NAMES})) {
    it(`has the sums of the events of a name with ${what}`, async () => {
      const label = name.toString();
      await stage.actor.setComm(name);
      await churn(stage.actor, stage.actor, 20);
      const events = (await tracer.settled()).filter(({comm}) => comm === label);
      await prometheus.scraped();
      const series = await prometheus.query('{__name__=~"tcptrace_.+"}');
      assert.ok(events.length > 500, String(events.length));
      assert.deepEqual(sumSeries(series, label), sumEvents(events));
    });
  }

  it('has the number of lost events', async () => {
    const lost = await prometheus.query('tcptrace_lost_events_total');
    assert.deepEqual(
      lost.map(({value}) => value),
      [0],
    );
  });

  it('finds no fault with the metrics', async () => {
    promtool(['check', 'metrics'], await scrapeText(metricsUrl(tracer.stderr)));
  });

  it('fires the alerts that test/e2e/alerts.yml expects', () => {
    promtool(['test', 'rules', path.join(ROOT, 'test/e2e/alerts.yml')]);
  });

  it('accepts the rules and the configuration', async () => {
    for (const kind of ['rules', 'config'])
      promtool(['check', kind, path.join(CONTRIB, kind === 'rules' ? 'alerts.yml' : 'scrape.yml')]);
    const {groups} = (await prometheus.get('/api/v1/rules')) as {groups: {rules: {health: string}[]}[]};
    assert.ok(groups.flatMap(({rules}) => rules).every(({health}) => health !== 'err'));
  });

  it('evaluates every expression of the dashboard', async () => {
    const empty: string[] = [];
    for (const expression of dashboardExpressions())
      if ((await prometheus.query(expression)).length === 0) empty.push(expression);
    // this host retransmits no SYN
    assert.deepEqual(
      empty.filter((expression) => !expression.includes('retransmits')),
      [],
    );
  });
});
