package revoke

// Subscribe calls fn for each entry that becomes known from now on, in that order, from one goroutine at a time, until
// cancel is called. An entry for an ID that is known already tells nothing new and is left out, so that one from Add
// does not come again from the feed. fn must not block, and may call the follower and cancel. While there is a
// subscriber the follower reads every interval.
//
// When cancel returns, fn is not being called and will not be any more; only if fn itself calls cancel, that call of fn
// goes on. So whoever calls cancel must not hold a lock that fn takes. Calling it again does nothing.
func (f *Follower) Subscribe(fn func(Entry)) (cancel func()) { panic("declared") }
