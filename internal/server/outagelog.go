package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jetonauth/jeton/guard"
)

const (
	// outagePeriod is how long requests that fail alike are counted before there is a line for all of them.
	outagePeriod = 10 * time.Second
	// outageLines is how many of them get lines of their own in that time.
	outageLines = 3
)

// outageLog is a log that an outage does not flood: while the database is away every request fails, and a line for each of them would
// say nothing new. The first ones that fail alike in a period are written; the others are counted, and the last one of them is written at its
// end, with how many "times" there were. Everything that is no refusal for want of the database is written as ever.
type outageLog struct {
	slog.Handler
	outage *outage // one for all that were derived from the same handler
}

func newOutageLog(next slog.Handler) *outageLog {
	return &outageLog{Handler: next, outage: &outage{alike: make(map[likeness]*refused)}}
}

// likeness is what requests that fail alike have in common. All three are constants of the program, so there are few.
type likeness struct {
	message, operation string
	level              slog.Level
}

// outage counts the requests of a period.
type outage struct {
	mu    sync.Mutex
	timer *time.Timer // nil between periods
	alike map[likeness]*refused
}

// refused counts requests that fail alike, and has the last one that was not written.
type refused struct {
	written, held int
	last          slog.Record
	handler       slog.Handler
}

// Handle writes a record, now or at the end of the period.
func (l *outageLog) Handle(ctx context.Context, r slog.Record) error {
	like, ok := unavailable(r)
	if ok && l.outage.holds(like, r, l.Handler) {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs returns a handler that adds these to each record.
func (l *outageLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &outageLog{l.Handler.WithAttrs(attrs), l.outage}
}

// WithGroup returns a handler that puts what comes into a group.
func (l *outageLog) WithGroup(name string) slog.Handler {
	return &outageLog{l.Handler.WithGroup(name), l.outage}
}

// unavailable recognises a request that was answered with 503.
func unavailable(r slog.Record) (like likeness, ok bool) {
	like = likeness{message: r.Message, level: r.Level}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "code":
			ok = a.Value.String() == string(guard.Unavailable)
		case "operation":
			like.operation = a.Value.String()
		}
		return true
	})
	return like, ok
}

// holds counts a record, and reports whether it was kept back.
func (o *outage) holds(like likeness, r slog.Record, handler slog.Handler) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.timer == nil {
		o.timer = time.AfterFunc(outagePeriod, o.flush)
	}
	count := o.alike[like]
	if count == nil {
		count = new(refused)
		o.alike[like] = count
	}
	if count.written < outageLines {
		count.written++
		return false
	}
	count.held++
	count.last, count.handler = r.Clone(), handler
	return true
}

// flush ends the period.
func (o *outage) flush() {
	o.mu.Lock()
	alike := o.alike
	o.alike = make(map[likeness]*refused)
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	o.mu.Unlock()
	for _, count := range alike {
		if count.held > 0 {
			count.last.AddAttrs(slog.Int("times", count.held))
			_ = count.handler.Handle(context.Background(), count.last) // there is nobody to tell that the log cannot be written
		}
	}
}
