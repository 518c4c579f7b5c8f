// A map of thousands of images: points, and thumbnails where there is room; move, zoom, hover, lasso, arrow keys.

const POINT = 3
const THUMBNAIL = 28
const MOST_THUMBNAILS = 500
const CLICK_REACH = 14
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector('.map')
  const state = root.state ?? (root.state = begin(root))
  state.send = (indices) => setTriggerValue('chosen', indices)
  show(state, data)
}

// What stays while the page around it is run again.
function begin(root) {
  const canvas = root.querySelector('canvas')
  const state = {
    root, canvas, context: canvas.getContext('2d'), tip: root.querySelector('.tip'), data: null,
    coloured: 0, single: null, tool: 'move', zoom: 1, left: 0, top: 0, lasso: null, cursor: -1,
    pointers: new Map(),
  }
  new ResizeObserver(() => draw(state)).observe(canvas)
  canvas.addEventListener('wheel', (event) => {
    // The wheel alone scrolls the page: what is chosen stands below the map. A pinch on a touchpad comes as Ctrl.
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    zoomAt(state, at(state, event), Math.exp(-Math.max(-25, Math.min(25, event.deltaY)) / 100))
  }, { passive: false })
  canvas.addEventListener('pointerdown', (event) => press(state, event))
  canvas.addEventListener('pointermove', (event) => move(state, event))
  canvas.addEventListener('pointerup', (event) => release(state, event))
  canvas.addEventListener('pointercancel', (event) => release(state, event))
  canvas.addEventListener('pointerleave', () => hover(state, -1))
  canvas.addEventListener('keydown', (event) => {
    const isChoice = event.key === 'Enter' && state.cursor >= 0
    if (isChoice) state.send([state.cursor])
    else if (event.key in ARROWS) step(state, ARROWS[event.key])
    else return
    event.preventDefault()
  })
  canvas.addEventListener('blur', () => { state.cursor = -1; hover(state, -1); draw(state) })
  const middle = () => [canvas.clientWidth / 2, canvas.clientHeight / 2]
  const tools = { in: () => zoomAt(state, middle(), 1.6), out: () => zoomAt(state, middle(), 1 / 1.6) }
  for (const button of root.querySelectorAll('[data-zoom]')) button.onclick = tools[button.dataset.zoom]
  root.querySelector('[data-reset]').onclick = () => { reset(state); draw(state) }
  for (const button of root.querySelectorAll('[data-tool]')) {
    button.onclick = () => { state.tool = button.dataset.tool; mark(state); draw(state) }
  }
  return state
}

function show(state, data) {
  if (state.data?.key !== data.key) {
    state.places = new Float32Array(bytes(data.places).buffer)
    state.cursor = -1
    reset(state)
  }
  // The same map may be shown with the answers of another network.
  state.groups = data.groups.map((group) => bytes(group.of))
  // Group by group, so that a colour is set once for all its points.
  state.orders = state.groups.map((of) => [...of.keys()].sort((one, other) => of[one] - of[other]))
  state.coloured = Math.min(state.coloured, data.groups.length - 1)
  if (state.data?.sprite !== data.sprite) {
    state.sprite = new Image()
    state.sprite.onload = () => draw(state)
    state.sprite.src = data.sprite
  }
  state.data = data
  const names = data.groups.map((group) => group.name)
  for (const [number, button] of buttons(state.root.querySelector('.colours'), names)) {
    button.dataset.colour = number
    button.onclick = () => { state.coloured = number; state.single = null; legend(state); mark(state); draw(state) }
  }
  legend(state)
  mark(state)
  draw(state)
}

function legend(state) {
  const group = state.data.groups[state.coloured]
  for (const [number, button] of buttons(state.root.querySelector('.legend'), group.names)) {
    button.style.setProperty('--colour', group.colours[number])
    button.ariaPressed = String(state.single === number)
    button.onclick = () => { state.single = state.single === number ? null : number; legend(state); draw(state) }
  }
}

function mark(state) {
  for (const button of state.root.querySelectorAll('[data-tool]')) {
    button.ariaPressed = String(button.dataset.tool === state.tool)
  }
  for (const button of state.root.querySelectorAll('[data-colour]')) {
    button.ariaPressed = String(Number(button.dataset.colour) === state.coloured)
  }
  state.canvas.style.cursor = state.tool === 'lasso' ? 'crosshair' : 'grab'
}

function reset(state) {
  Object.assign(state, { zoom: 1, left: 0, top: 0, lasso: null })
}

// From the map, 0 to 1, to the screen. Asking the canvas for its size is slow, so it is done once for all points.
function frame(state) {
  const width = state.canvas.clientWidth, height = state.canvas.clientHeight
  const size = Math.min(width, height) * 0.96 * state.zoom
  const left = (width - size) / 2 + state.left, top = (height - size) / 2 + state.top
  return { width, height, across: (x) => left + x * size, down: (y) => top + y * size }
}

function draw(state) {
  if (!state.data || state.drawing) return
  state.drawing = requestAnimationFrame(() => { state.drawing = null; paint(state) })
}

function paint(state) {
  const { canvas, context, places, data } = state
  const ratio = window.devicePixelRatio || 1
  // A finger moves the page, and not a map that is all there.
  canvas.style.touchAction = state.tool === 'move' && state.zoom <= 1 ? 'pan-y' : 'none'
  const { width, height, across, down } = frame(state)
  const [pixels, lines] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== pixels || canvas.height !== lines) {
    canvas.width = pixels
    canvas.height = lines
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const group = data.groups[state.coloured], of = state.groups[state.coloured]
  const isVisible = (x, y) => x > -THUMBNAIL && y > -THUMBNAIL && x < width + THUMBNAIL && y < height + THUMBNAIL
  let visible = 0
  for (let i = 0; i < of.length; i++) visible += isVisible(across(places[2 * i]), down(places[2 * i + 1]))
  const pictures = visible <= MOST_THUMBNAILS && state.sprite.complete
  let number = -1
  context.lineWidth = 2
  for (const i of state.orders[state.coloured]) {
    const x = across(places[2 * i]), y = down(places[2 * i + 1])
    if (!isVisible(x, y)) continue
    if (of[i] !== number) {
      number = of[i]
      context.fillStyle = context.strokeStyle = group.colours[number]
      context.globalAlpha = state.single === null || state.single === number ? 0.85 : 0.06
    }
    if (pictures) {
      thumbnail(state, i, x, y)
      context.strokeRect(x - THUMBNAIL / 2, y - THUMBNAIL / 2, THUMBNAIL, THUMBNAIL)
    } else context.fillRect(x - POINT / 2, y - POINT / 2, POINT, POINT)
  }
  context.globalAlpha = 1
  if (state.cursor >= 0) {
    context.strokeStyle = getComputedStyle(state.root).color
    const x = across(places[2 * state.cursor]), y = down(places[2 * state.cursor + 1])
    if (state.sprite.complete) thumbnail(state, state.cursor, x, y)
    context.strokeRect(x - THUMBNAIL / 2 - 1, y - THUMBNAIL / 2 - 1, THUMBNAIL + 2, THUMBNAIL + 2)
  }
  if (data.drawing) star(state, across(data.drawing[0]), down(data.drawing[1]))
  if (state.lasso) {
    context.strokeStyle = context.fillStyle = getComputedStyle(state.root).color
    context.beginPath()
    for (const [x, y] of state.lasso) context.lineTo(x, y)
    context.closePath()
    context.stroke()
    context.globalAlpha = 0.1
    context.fill()
    context.globalAlpha = 1
  }
}

function thumbnail(state, i, x, y) {
  const columns = state.data.columns
  state.context.drawImage(
    state.sprite, (i % columns) * 28, Math.floor(i / columns) * 28, 28, 28,
    x - THUMBNAIL / 2, y - THUMBNAIL / 2, THUMBNAIL, THUMBNAIL)
}

function star(state, x, y) {
  const { context } = state
  context.beginPath()
  for (let corner = 0; corner < 10; corner++) {
    const reach = corner % 2 ? 6 : 15, angle = Math.PI * (corner / 5 - 0.5)
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle))
  }
  context.closePath()
  context.fillStyle = '#de6428'
  context.strokeStyle = '#fff'
  context.lineWidth = 2
  context.fill()
  context.stroke()
}

function zoomAt(state, [x, y], factor) {
  const before = state.zoom
  state.zoom = Math.min(60, Math.max(0.8, before * factor))
  const grown = state.zoom / before
  state.left = (state.left + state.canvas.clientWidth / 2 - x) * grown + x - state.canvas.clientWidth / 2
  state.top = (state.top + state.canvas.clientHeight / 2 - y) * grown + y - state.canvas.clientHeight / 2
  hover(state, -1)
  draw(state)
}

function press(state, event) {
  if (event.button) return
  state.canvas.setPointerCapture(event.pointerId)
  state.pointers.set(event.pointerId, at(state, event))
  state.moved = 0
  if (state.tool === 'lasso' && state.pointers.size === 1) state.lasso = [at(state, event)]
}

function move(state, event) {
  const here = at(state, event), before = state.pointers.get(event.pointerId)
  if (!before) return hover(state, nearest(state, here), here)
  const other = [...state.pointers].find(([id]) => id !== event.pointerId)?.[1]
  if (other) {
    state.lasso = null
    const spread = (one) => Math.hypot(one[0] - other[0], one[1] - other[1])
    zoomAt(state, other, spread(here) / Math.max(spread(before), 1))
  } else if (state.lasso) state.lasso.push(here)
  else {
    state.left += here[0] - before[0]
    state.top += here[1] - before[1]
  }
  state.moved += Math.hypot(here[0] - before[0], here[1] - before[1])
  state.pointers.set(event.pointerId, here)
  hover(state, -1)
  draw(state)
}

function release(state, event) {
  if (!state.pointers.delete(event.pointerId)) return
  const here = at(state, event)
  if (event.type === 'pointercancel') state.lasso = null
  else if (state.lasso?.length > 3) state.send(inside(state))
  else if (state.moved < 5) {
    const one = nearest(state, here)
    if (one >= 0) state.send([one])
  }
  state.lasso = null
  draw(state)
}

function shown(state, i) {
  return state.single === null || state.groups[state.coloured][i] === state.single
}

function nearest(state, [x, y]) {
  const { across, down } = frame(state)
  let best = -1, reach = CLICK_REACH ** 2
  for (let i = 0; i < state.groups[0].length; i++) {
    const distance = (across(state.places[2 * i]) - x) ** 2 + (down(state.places[2 * i + 1]) - y) ** 2
    if (distance < reach && shown(state, i)) [best, reach] = [i, distance]
  }
  return best
}

// To the next image that way, from the last one, or else from the middle.
function step(state, [right, below]) {
  const from = frame(state), last = state.cursor
  const place = ({ across, down }, i) => [across(state.places[2 * i]), down(state.places[2 * i + 1])]
  const [left, top] = last < 0 ? [from.width / 2, from.height / 2] : place(from, last)
  let least = Infinity
  for (let i = 0; i < state.groups[0].length; i++) {
    const [x, y] = place(from, i)
    const along = (x - left) * right + (y - top) * below
    const aside = Math.abs((x - left) * below - (y - top) * right)
    if (along > 0 && aside <= along && along + aside < least && shown(state, i)) {
      state.cursor = i
      least = along + aside
    }
  }
  if (state.cursor < 0) return
  const [x, y] = place(from, state.cursor)
  state.left += Math.min(0, from.width - THUMBNAIL - x) + Math.max(0, THUMBNAIL - x)
  state.top += Math.min(0, from.height - THUMBNAIL - y) + Math.max(0, THUMBNAIL - y)
  hover(state, state.cursor, place(frame(state), state.cursor))
  draw(state)
}

function inside(state) {
  const { across, down } = frame(state)
  const corners = state.lasso, found = []
  for (let i = 0; i < state.groups[0].length; i++) {
    if (!shown(state, i)) continue
    const x = across(state.places[2 * i]), y = down(state.places[2 * i + 1])
    let odd = false
    for (let a = 0, b = corners.length - 1; a < corners.length; b = a++) {
      const [ax, ay] = corners[a], [bx, by] = corners[b]
      if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
    }
    if (odd) found.push(i)
  }
  return found
}

function hover(state, i, here) {
  const { tip, data } = state
  tip.hidden = i < 0
  if (i < 0) return
  const words = data.groups.map((group, number) => `${group.name}: ${group.names[state.groups[number][i]]}`)
  tip.querySelector('span').textContent = [`Test image ${i}`, ...words].join('\n')
  const picture = tip.querySelector('i'), columns = data.columns, side = 84
  picture.style.backgroundImage = `url(${data.sprite})`
  picture.style.backgroundSize = `${columns * side}px auto`
  picture.style.backgroundPosition = `${-(i % columns) * side}px ${-Math.floor(i / columns) * side}px`
  const width = state.canvas.clientWidth
  const left = here[0] > width / 2 ? here[0] - tip.offsetWidth - 14 : here[0] + 14
  tip.style.left = `${Math.max(0, Math.min(left, width - tip.offsetWidth))}px`
  tip.style.top = `${Math.min(here[1], state.canvas.clientHeight - tip.offsetHeight)}px`
}

function at(state, event) {
  const box = state.canvas.getBoundingClientRect()
  return [event.clientX - box.left, event.clientY - box.top]
}

function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

// A numbered button for each name: those that are there again, for whom the keyboard has come to one.
function buttons(parent, names) {
  while (parent.children.length > names.length) parent.lastChild.remove()
  names.forEach((name, number) => {
    const button = parent.children[number] ?? parent.appendChild(document.createElement('button'))
    button.textContent = name
  })
  return [...parent.children].entries()
}
