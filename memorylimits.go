package jeton

// DefaultMemoryLimits is how many keys [NewMemoryLimits] remembers unless told otherwise.
const DefaultMemoryLimits = 100_000

// NewMemoryLimits returns a [LimitStore] in the memory of this process. It remembers at least size keys and at most twice as many, the
// ones used last; zero means [DefaultMemoryLimits].
func NewMemoryLimits(size int) LimitStore { panic("declared") }
