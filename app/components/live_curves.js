// How a run goes: how far it is, its figures, its curves. While it goes on, it asks for them by itself.

const SVG = 'http://www.w3.org/2000/svg'
const EDGE = { left: 46, right: 12, top: 8, bottom: 36 }
const CURVES = ['training', 'validation']
const PATIENCE_SECONDS = 5 // until asking again what was not answered, or what the page has not been drawn for

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.run')
  const state = root.state ?? (root.state = { root, charts: new Map() })
  // With the same data it is called when the theme changes: what came since is newer.
  if (state.data !== data) {
    state.data = data
    show(state, data.look)
  }
  const following = new AbortController()
  state.following?.abort()
  state.following = following
  if (data.address) follow(state, data, (now) => setTriggerValue('changed', now), following.signal)
  return () => following.abort()
}

async function follow(state, { look, address }, redrawPage, signal) {
  for (let wait = look.again; wait;) {
    await new Promise((done) => setTimeout(done, 1000 * wait))
    if (signal.aborted) return
    if (document.hidden) continue
    const now = await ask(address, signal)
    if (signal.aborted) return
    wait = PATIENCE_SECONDS
    if (now?.drawn !== look.drawn) {
      if (now) redrawPage(now.drawn)
    } else {
      if (JSON.stringify(now) !== JSON.stringify(state.look)) show(state, now)
      wait = now.again
    }
  }
}

// The next look; that of a run which is gone is none that the page shows. None while server or store are away.
async function ask(address, signal) {
  try {
    const patience = AbortSignal.timeout(2000 * PATIENCE_SECONDS)
    const answer = await fetch(new URL(address, document.baseURI), { signal: AbortSignal.any([signal, patience]) })
    if (answer.status === 404) return { drawn: 'gone' }
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
}

function show(state, look) {
  const { root } = state, { progress, figures, curves, last_epoch: lastEpoch } = state.look = look
  const bar = root.querySelector('.progress')
  bar.hidden = !progress
  if (progress) {
    bar.querySelector('div').ariaValueNow = Math.round(100 * progress.share)
    bar.querySelector('i').style.transform = `scaleX(${progress.share})`
    bar.querySelector('span').textContent = progress.words
  }
  root.querySelector('dl').replaceChildren(...figures.map(([label, value]) => {
    const figure = document.createElement('div')
    figure.append(element('dt', label), element('dd', value))
    return figure
  }))
  for (const curve of curves) {
    const chart = state.charts.get(curve.name) ?? begin(state, curve)
    Object.assign(chart, { curve, lastEpoch })
    draw(chart)
  }
}

function begin(state, { name }) {
  const figure = element('figure'), heading = element('figcaption', name)
  heading.append(...CURVES.map((curve) => element('span', curve, curve)))
  const svg = figure.appendChild(document.createElementNS(SVG, 'svg'))
  svg.role = 'img'
  const chart = { svg, tip: figure.appendChild(element('div', '', 'tip')), pointer: null }
  chart.tip.hidden = true
  figure.prepend(heading)
  const to = (place) => { chart.pointer = place; point(chart) }
  for (const name of ['pointerdown', 'pointermove']) svg.addEventListener(name, ({ offsetX }) => to(offsetX))
  // What a finger has pointed at stays when it is lifted, and goes when it moves the page.
  svg.addEventListener('pointerleave', ({ pointerType }) => { if (pointerType !== 'touch') to(null) })
  svg.addEventListener('pointercancel', () => to(null))
  new ResizeObserver(() => draw(chart)).observe(svg)
  state.root.querySelector('.curves').append(figure)
  state.charts.set(name, chart)
  return chart
}

function draw(chart) {
  const { svg, curve, lastEpoch } = chart
  const { clientWidth: width, clientHeight: height } = svg
  if (!width) return
  const right = width - EDGE.right, bottom = height - EDGE.bottom
  const values = CURVES.flatMap((name) => curve[name].map(([, value]) => value))
  const epochs = ticks(0, lastEpoch, width / 80), levels = values.length ? ticks(...reach(values, curve), 5) : null
  const [low, high] = levels ? [levels.at[0], levels.at.at(-1)] : [0, 1]
  chart.across = (epoch) => EDGE.left + (right - EDGE.left) * epoch / lastEpoch
  chart.down = (value) => bottom - (bottom - EDGE.top) * (value - low) / (high - low)
  chart.write = (value, digits) => (
    curve.percent ? `${(100 * value).toFixed(Math.max(0, digits - 2))}%` : value.toFixed(digits))
  const line = (points) => points.map(([epoch, value]) => (
    `${chart.across(epoch).toFixed(1)},${chart.down(value).toFixed(1)}`)).join(' ')
  const dots = (name, points) => points.map(([epoch, value]) => (
    `<circle class="${name}" r="3.5" cx="${chart.across(epoch)}" cy="${chart.down(value)}"/>`)).join('')
  svg.innerHTML = [
    ...(levels?.at ?? []).map((value) => `<path class="grid" d="M${EDGE.left} ${chart.down(value)}H${right}"/>`
      + `<text class="level" x="${EDGE.left - 8}" y="${chart.down(value)}">${chart.write(value, levels.digits)}</text>`),
    `<path class="axis" d="M${EDGE.left} ${bottom}H${right}"/>`,
    ...epochs.at.filter((epoch) => epoch <= lastEpoch).map((epoch) => (
      `<text x="${chart.across(epoch)}" y="${bottom + 15}">${epoch.toFixed(epochs.digits)}</text>`)),
    `<text x="${(EDGE.left + right) / 2}" y="${bottom + 31}">epoch</text>`,
    ...CURVES.map((name) => `<polyline class="${name}" points="${line(curve[name])}"/>`),
    // One report is not a line yet; of validations there are few, and each is told from the line between.
    dots('training', curve.training.length === 1 ? curve.training : []),
    dots('validation', curve.validation.length > width / 12 ? [] : curve.validation),
    '<g class="pointed"></g>',
  ].join('')
  svg.ariaLabel = [`${curve.name} by epoch`, ...said(chart, lastEpoch)].join('; ')
  point(chart)
}

// The nearest point of each curve, in words.
function said(chart, epoch) {
  return CURVES.map((name) => [name, nearest(chart.curve[name], epoch)]).filter(([, found]) => found)
    .map(([name, [at, value]]) => `${name} ${chart.write(value, 4)} at epoch ${Number(at.toFixed(2))}`)
}

function point(chart) {
  const { svg, tip, curve, pointer, lastEpoch } = chart
  const epoch = pointer === null ? null : lastEpoch * (pointer - chart.across(0)) / (chart.across(lastEpoch) - chart.across(0))
  const found = epoch === null ? [] : CURVES.map((name) => [name, nearest(curve[name], epoch)]).filter(([, at]) => at)
  tip.hidden = !found.length
  svg.querySelector('.pointed').innerHTML = found.map(([name, [at, value]]) => (
    `<circle class="${name}" r="5" cx="${chart.across(at)}" cy="${chart.down(value)}"/>`)).join('')
  if (!found.length) return
  tip.replaceChildren(...said(chart, epoch).map((words) => element('div', words)))
  const isRight = pointer > svg.clientWidth / 2
  tip.style.left = isRight ? 'auto' : `${pointer + 14}px`
  tip.style.right = isRight ? `${svg.clientWidth - pointer + 14}px` : 'auto'
}

function nearest(points, epoch) {
  let best = null
  for (const at of points) if (!best || Math.abs(at[0] - epoch) <= Math.abs(best[0] - epoch)) best = at
  return best
}

function reach(values, { percent }) {
  const low = Math.min(...values), high = Math.max(...values)
  if (low < high) return [low, high]
  const around = Math.abs(low) / 10 || 0.1
  return percent ? [Math.max(0, low - around), Math.min(1, high + around)] : [low - around, high + around]
}

// Round numbers, about `count` of them, from at or below `low` to at or above `high`.
function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.999)
  const first = Math.floor(low / step + 1e-6), last = Math.ceil(high / step - 1e-6)
  const at = Array.from({ length: last - first + 1 }, (_, number) => (first + number) * step)
  return { at, digits: Math.max(0, Math.ceil(-Math.log10(step) - 1e-6)) }
}

function element(tag, text = '', name = '') {
  const made = document.createElement(tag)
  made.textContent = text
  made.className = name
  return made
}
