package redis

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/jetonauth/jeton"
)

// A key's value says when its allowance is whole again, in microseconds since 1970: each event moves that by its part of the window, and none may
// move it further than a window from now (the generic cell rate algorithm). The key expires when it is, so that Redis has no more keys than were
// counted within their windows. A script is one atomic step, and has one key, so that a Cluster knows where to run it.

// takeScript is given now, the part of an event and the window, and returns how long to wait. A number beyond 2^53 would not be exact.
const takeScript = `
local now, part, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local whole = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + part
if whole > now + 2 * window then -- no honest clock has set that
  redis.call('SET', KEYS[1], string.format('%.0f', now + window), 'PX', math.ceil(window / 1000))
  return part
end
if whole > now + window then
  return whole - now - window
end
redis.call('SET', KEYS[1], string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000))
return 0`

// returnScript is given now and the part of an event.
const returnScript = `
local now, part = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = tonumber(redis.call('GET', KEYS[1]) or 0) - part
if whole > now then
  redis.call('SET', KEYS[1], string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000))
else
  redis.call('DEL', KEYS[1])
end
return 0`

// Take counts one event, unless limit is reached already: then it returns how long to wait until it is not. It counts in
// microseconds. Keys are kept as their SHA-256, and expire by Redis's clock when their allowance is whole by now's. Nobody waits longer than a window,
// also if another node's clock was ahead by more when it counted.
func (s *Store) Take(ctx context.Context, key string, limit jeton.Limit, now time.Time) (time.Duration, error) {
	wait, err := s.run(ctx, "take", s.take, key, now.UnixMicro(), partOf(limit), limit.Window.Microseconds())
	return time.Duration(wait) * time.Microsecond, err
}

// Return takes back an event that Take counted.
func (s *Store) Return(ctx context.Context, key string, limit jeton.Limit, now time.Time) error {
	_, err := s.run(ctx, "return", s.giveBack, key, now.UnixMicro(), partOf(limit))
	return err
}

// run runs a script over the key of a limit. Redis keeps scripts; the text is sent when it does not know one.
func (s *Store) run(ctx context.Context, operation string, script *driver.Script, key string, args ...any) (result int64, err error) {
	err = s.bounded(ctx, operation, func(ctx context.Context) error {
		result, err = script.Run(ctx, s.client, []string{s.limitKey(key)}, args...).Int64()
		return err
	})
	if err != nil {
		return 0, err
	}
	return result, nil
}

// limitKey is the name of a limit's key.
func (s *Store) limitKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return s.cfg.Prefix + "limit:" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// partOf is the part of a window that one event takes, in microseconds.
func partOf(limit jeton.Limit) int64 { return limit.Window.Microseconds() / int64(limit.Count) }
