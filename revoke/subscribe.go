package revoke

import (
	"bytes"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// subscription is one fn and what it is still to be told.
type subscription struct {
	fn        func(Entry)
	pending   []Entry // guarded by the follower's mu
	cancelled atomic.Bool
	caller    atomic.Uint64 // the goroutine that calls fn; 0 before the first call
	turn      chan struct{} // holds a value while fn is called; testing/synctest sees who waits for it
}

// Subscribe calls fn for each entry that becomes known from now on, in that order, from one goroutine at a time, until
// cancel is called. An entry for an ID that is known already tells nothing new and is left out, so that one from Add
// does not come again from the feed. fn must not block, and may call the follower and cancel. While there is a
// subscriber the follower reads every interval.
//
// When cancel returns, fn is not being called and will not be any more; only if fn itself calls cancel, that call of fn
// goes on. So whoever calls cancel must not hold a lock that fn takes. Calling it again does nothing.
func (f *Follower) Subscribe(fn func(Entry)) (cancel func()) {
	s := &subscription{fn: fn, turn: make(chan struct{}, 1)}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subscribers = append(f.subscribers, s)
	if f.stop == nil {
		f.stop = make(chan struct{})
		go f.serve(f.stop)
	}
	return func() {
		f.unsubscribe(s)
		s.cancel()
	}
}

func (f *Follower) unsubscribe(s *subscription) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.subscribers = slices.DeleteFunc(f.subscribers, func(other *subscription) bool { return other == s })
	if len(f.subscribers) == 0 && f.stop != nil {
		close(f.stop)
		f.stop = nil
	}
}

// cancel prevents further calls of fn, and waits for one that goes on, unless it comes from there.
func (s *subscription) cancel() {
	s.cancelled.Store(true)
	if s.caller.Load() != goroutine() {
		s.turn <- struct{}{}
		<-s.turn
	}
}

// call calls fn from the goroutine of that number, unless the subscription is cancelled.
func (s *subscription) call(e Entry, caller uint64) {
	s.turn <- struct{}{}
	s.caller.Store(caller)
	defer func() { <-s.turn }()
	if !s.cancelled.Load() {
		s.fn(e)
	}
}

// serve tells the subscribers what becomes known, and reads the feed for them, until stop is closed.
func (f *Follower) serve(stop chan struct{}) {
	caller := goroutine()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		f.tell(stop, caller)
		pause, done := f.poll(stop)
		timer.Reset(pause)
		select {
		case <-stop:
			return
		case <-f.wake:
		case <-done:
		case <-timer.C:
		}
	}
}

// poll starts a read if it is time to, and returns how long it is until the next one, and the end of the one that is
// going on.
func (f *Follower) poll(stop chan struct{}) (pause time.Duration, done <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	pause = f.cfg.Interval
	if f.reading == nil && f.stop == stop {
		if pause = f.untilDue(); pause <= 0 {
			f.start()
			pause = f.cfg.Interval
		}
	}
	if f.reading != nil {
		done = f.reading.done
	}
	return pause, done
}

// tell calls the subscribers until nothing is pending.
func (f *Follower) tell(stop chan struct{}, caller uint64) {
	for {
		s, entries := f.takePending(stop)
		if s == nil {
			return
		}
		for _, e := range entries {
			s.call(e, caller)
		}
	}
}

// takePending returns a subscriber and what is pending for it; nil if there is none, or when stop is closed and the
// subscribers are those of another goroutine.
func (f *Follower) takePending(stop chan struct{}) (*subscription, []Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != stop {
		return nil, nil
	}
	for _, s := range f.subscribers {
		if entries := s.pending; len(entries) > 0 {
			s.pending = nil
			return s, entries
		}
	}
	return nil, nil
}

// learn puts entries in the list, and those that are new in the queues of the subscribers. The caller holds mu.
func (f *Follower) learn(entries []Entry) {
	if len(f.subscribers) == 0 || len(entries) == 0 {
		f.list.Add(entries...)
		return
	}
	f.list.addNew(entries, func(e Entry) {
		for _, s := range f.subscribers {
			s.pending = append(s.pending, e)
		}
	})
	f.wakeUp()
}

// wakeUp wakes the goroutine that serves the subscribers, if there is one.
func (f *Follower) wakeUp() {
	select {
	case f.wake <- struct{}{}:
	default: // it has been woken and not looked yet
	}
}

// goroutine is the number of the calling goroutine. The runtime only prints it, in the first line of a stack trace:
// "goroutine 7 [running]:". There is no other way to tell a cancel from inside fn, which must not wait for fn, from any
// other. Should the line change, it is 0, and cancel does not wait.
func goroutine() uint64 {
	var buffer [64]byte
	line := bytes.TrimPrefix(buffer[:runtime.Stack(buffer[:], false)], []byte("goroutine "))
	number, _, _ := bytes.Cut(line, []byte(" "))
	n, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
