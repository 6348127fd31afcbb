// From mounting to unmounting. A widget takes whatever outlives one call (listeners beyond its own elements, timers,
// observers, frames) from its Life, which ends them all: so nothing is left behind, and a widget that is mounted again
// begins anew.

/** @import { Events } from "./events.js" */
import { hear } from "./events.js";

/**
 * Tells the page something: the name of what happened and its value.
 * @template E
 * @typedef {<N extends keyof E & string>(name: N, value: E[N]) => void} Emit
 */

/**
 * @template D
 * @typedef {{ update: (data: D) => void, unmount: () => void }} Mounted
 */

/**
 * What every widget exports: draw `data` in `root`, tell what a person does there by `emit`.
 * @template D, E
 * @typedef {(root: HTMLElement, data: D, emit: Emit<E>) => Mounted<D>} Mount
 */

/** What ends when a widget is unmounted. */
export class Life {
  #over = new AbortController();

  /** Aborted at the end. */
  get signal() {
    return this.#over.signal;
  }

  /**
   * At the end, do this.
   * @param {() => void} act
   */
  atEnd(act) {
    this.signal.addEventListener("abort", act, { once: true });
  }

  /**
   * @template {keyof Events} N
   * @param {N} name
   * @param {(detail: Events[N]) => void} act
   */
  hear(name, act) {
    hear(name, act, this.signal);
  }

  /**
   * A listener on an element that is not the widget's own, or on the window.
   * @template {keyof HTMLElementEventMap} N
   * @param {EventTarget} target
   * @param {N} name
   * @param {(event: HTMLElementEventMap[N]) => void} act
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, name, act, options = {}) {
    target.addEventListener(name, /** @type {EventListener} */ (act), { ...options, signal: this.signal });
  }

  /**
   * Call `act` when the element has another size, and once at first.
   * @param {Element} element
   * @param {() => void} act
   */
  watchSize(element, act) {
    const watcher = new ResizeObserver(act);
    watcher.observe(element);
    this.atEnd(() => watcher.disconnect());
  }

  /**
   * A timer of which one runs at a time: set again, it begins anew.
   * @returns {Timer}
   */
  timer() {
    const timer = new Timer();
    this.atEnd(() => timer.stop());
    return timer;
  }

  /**
   * A function that calls `act` in the next frame, once however often it is called before that.
   * @param {() => void} act
   * @returns {() => void}
   */
  eachFrame(act) {
    let frame = 0;
    this.atEnd(() => cancelAnimationFrame(frame));
    return () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        act();
      });
    };
  }

  /**
   * Call `act` once the browser has nothing else to do, after a second at the latest.
   * @param {() => void} act
   */
  whenIdle(act) {
    if ("requestIdleCallback" in window) {
      const id = requestIdleCallback(act, { timeout: 1000 });
      this.atEnd(() => cancelIdleCallback(id));
    } else this.timer().set(200, act); // Safari
  }

  /** End all of it. */
  end() {
    this.#over.abort();
  }
}

/** One thing to be done later. */
export class Timer {
  #id = 0;

  /** Whether it is still to be done. */
  get runs() {
    return this.#id !== 0;
  }

  /**
   * @param {number} wait milliseconds
   * @param {() => void} act
   */
  set(wait, act) {
    clearTimeout(this.#id);
    this.#id = window.setTimeout(() => {
      this.#id = 0;
      act();
    }, wait);
  }

  stop() {
    clearTimeout(this.#id);
    this.#id = 0;
  }
}

/**
 * The `mount` of a widget: `begin` builds it in an empty root and gives the function that takes data, which is called
 * with the first data, those that `begin` has seen, and with each one after it.
 * @template D, E
 * @param {string} name the class of its root
 * @param {(root: HTMLElement, emit: Emit<E>, life: Life, first: D) => (data: D) => void} begin
 * @returns {Mount<D, E>}
 */
export function widget(name, begin) {
  return (root, data, emit) => {
    const life = new Life();
    root.classList.add(name);
    const take = begin(root, emit, life, data);
    take(data);
    return {
      update: take,
      unmount() {
        life.end();
        root.replaceChildren();
      },
    };
  };
}
