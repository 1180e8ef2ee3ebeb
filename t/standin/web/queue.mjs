/*
 * WAInOrderPromiseQueue, read in 2.3000.1044822804: each promise comes out
 * when it and all that were put in before it have settled.
 */

export class InOrderPromiseQueue {
    #last = Promise.resolve();

    enqueue(promise) {
        const next = () => promise;

        promise.catch(() => {});
        this.#last = this.#last.then(next, next);

        return this.#last;
    }
}
