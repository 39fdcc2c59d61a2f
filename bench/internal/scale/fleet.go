package scale

import (
	"math"
	"time"
)

const (
	day = 24 * time.Hour

	// countsPerSignIn is how often a sign-in with the right password counts in the limits: three are taken, two given back.
	countsPerSignIn = 5
	// readsPerSecond is how often each node that checks tokens reads keys, and revocations unless it is notified of some: then it reads
	// them once for each notification, up to hintedReads.
	readsPerSecond, hintedReads = 2.5, 50
	// revocationMargin is how much longer a revocation lives than the access tokens that it is for.
	revocationMargin = 5 * time.Minute
	// fewestNodes lets one fail.
	fewestNodes = 2
)

// Assumptions are what only the reader knows.
type Assumptions struct {
	Name     string
	Accounts float64
	// Active is the share of accounts that are active on a day, from 0 to 1; Hours how long each of them is; Requests how many it makes.
	Active, Hours, Requests float64
	// Sessions is how many live ones an account has.
	Sessions float64
	// SignIns and SignOuts are how many an active account makes on a day.
	SignIns, SignOuts float64
	// Peak is how many times the mean of the day the busiest second is.
	Peak float64
	// AccessTTL is the lifetime of access tokens: an active session refreshes as often.
	AccessTTL time.Duration
	// Cores is how many processors a node has; Busy which part of them, and of the database's, is used at the peak, from 0 to 1.
	Cores, Busy float64
	// Connections is how many each node has to the database.
	Connections float64
}

// Fleet is what they need.
type Fleet struct {
	Active, Sessions                         float64
	MeanRefreshes, Refreshes                 float64 // a second: mean of the day, and peak
	SignIns, SignOuts                        float64 // a second, at the peak
	Writes, WritesWithRedis                  float64 // commits a second, at the peak
	NodeProcessors, HashProcessors           float64
	Nodes                                    float64
	DatabaseProcessors, DatabaseCores        float64 // used, and to have
	Reads                                    float64 // a second, by each node
	OpenConnections                          float64
	Counter                                  float64 // share of the time that the row which numbers revocations is busy
	Housekeeping                             float64 // share of the time that one node removes what has expired
	LiveRevocations, RevocationMemory        float64
	RevocationLoad                           time.Duration
	Disk, LogPerSecond, LogPacked, LogPerDay float64 // bytes
	CheckingCached, CheckingNew              float64 // processors
	EverybodySignsIn                         time.Duration
}

// The cost of checking a token in front of a handler, ES256, as bench/RESULTS.md has it: one that this node has seen before, and a new one.
const (
	checkCached = 1040 * time.Nanosecond
	checkNew    = 88400 * time.Nanosecond
)

// FleetFor makes the sums.
func FleetFor(a Assumptions, f Figures) Fleet {
	n := Fleet{Active: a.Accounts * a.Active, Sessions: a.Accounts * a.Sessions}
	perSecond := func(perActive float64) float64 { return n.Active * perActive / day.Seconds() }
	n.MeanRefreshes = perSecond(a.Hours * time.Hour.Seconds() / a.AccessTTL.Seconds())
	n.Refreshes = a.Peak * n.MeanRefreshes
	n.SignIns, n.SignOuts = a.Peak*perSecond(a.SignIns), a.Peak*perSecond(a.SignOuts)
	n.Writes = n.Refreshes + (1+countsPerSignIn)*n.SignIns + n.SignOuts
	n.WritesWithRedis = n.Refreshes + n.SignIns + n.SignOuts

	n.HashProcessors = n.SignIns * f.Hash.Seconds()
	n.NodeProcessors = (n.Refreshes+n.SignOuts)*f.RefreshNode.Seconds() + n.SignIns*f.SignInNode.Seconds()
	n.Nodes = max(fewestNodes, 1+math.Ceil(n.NodeProcessors/(a.Cores*a.Busy)))
	n.Reads = readsPerSecond + max(readsPerSecond, min(n.SignOuts, hintedReads))
	n.DatabaseProcessors = n.Refreshes*f.RefreshDatabase.Seconds() + n.SignIns*f.SignInDatabase.Seconds() +
		n.SignOuts*f.SignOutDatabase.Seconds() + n.Nodes*n.Reads*f.ReadDatabase.Seconds()
	n.DatabaseCores = math.Ceil(n.DatabaseProcessors / a.Busy)
	n.OpenConnections = n.Nodes * (a.Connections + 1)
	n.Counter = n.SignOuts / f.SignOutsPerSecond

	n.Housekeeping = (n.SignIns + n.SignOuts) / a.Peak * f.Prune.Seconds()
	n.LiveRevocations = n.SignOuts * (a.AccessTTL + revocationMargin).Seconds()
	n.RevocationMemory = n.LiveRevocations * f.RevocationMemory
	n.RevocationLoad = time.Duration(n.LiveRevocations * float64(f.RevocationLoad))
	n.Disk = a.Accounts*f.AccountDisk + n.Sessions*f.SessionDisk + n.LiveRevocations*f.RevocationDisk
	n.LogPacked = n.Refreshes * f.RefreshLogPacked
	n.LogPerSecond, n.LogPerDay = n.Refreshes*f.RefreshLogCold, n.MeanRefreshes*day.Seconds()*f.RefreshLogCold

	requests := a.Peak * perSecond(a.Requests)
	n.CheckingCached, n.CheckingNew = requests*checkCached.Seconds(), requests*checkNew.Seconds()
	n.EverybodySignsIn = time.Duration(n.Active * float64(f.SignInNode) / (n.Nodes * a.Cores))
	return n
}

// Examples are two kinds of service, each with a million and with a hundred million accounts.
func Examples() []Assumptions {
	visited := Assumptions{
		Active: 0.2, Hours: 1, Requests: 200, Sessions: 1.5, SignIns: 0.05, SignOuts: 0.02, Peak: 5, AccessTTL: 15 * time.Minute,
		Cores: 4, Busy: 0.5, Connections: 10,
	}
	worked := visited
	worked.Active, worked.Hours, worked.Requests, worked.SignIns, worked.SignOuts = 0.6, 8, 2000, 1, 0.5
	var all []Assumptions
	for _, size := range []struct {
		accounts float64
		name     string
	}{{1e6, "1 million"}, {1e8, "100 million"}} {
		for _, kind := range []struct {
			a    Assumptions
			name string
		}{{visited, "visited"}, {worked, "worked in"}} {
			a := kind.a
			a.Accounts, a.Name = size.accounts, size.name+", "+kind.name
			all = append(all, a)
		}
	}
	return all
}
