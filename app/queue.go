package app

import "sync"

// queue runs functions one after the other in the goroutine that calls run.
// Adding never blocks, so the window can hand over work for a slow disk.
type queue struct {
	mu     sync.Mutex
	ready  *sync.Cond
	jobs   []func()
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	return q
}

// add appends f; after close it is ignored.
func (q *queue) add(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.jobs = append(q.jobs, f)
		q.ready.Signal()
	}
}

// close lets run return once everything added before is done.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ready.Signal()
}

// run does the work until close.
func (q *queue) run() {
	for {
		q.mu.Lock()
		for len(q.jobs) == 0 && !q.closed {
			q.ready.Wait()
		}
		if len(q.jobs) == 0 {
			q.mu.Unlock()
			return
		}
		f := q.jobs[0]
		q.jobs = q.jobs[1:]
		q.mu.Unlock()
		f()
	}
}
