package scale_test

import (
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jetonauth/jeton/bench/internal/scale"
)

// figures are round, so that sums can be made by heart.
func figures() scale.Figures {
	return scale.Figures{
		Machine: "a machine", Date: "2031-03-04", Load: "0 0 0", RefreshClients: 32, RefreshesPerSecond: 1000,
		RefreshNode: time.Millisecond, RefreshDatabase: 500 * time.Microsecond, SignOutsPerSecond: 200, SignOutDatabase: time.Millisecond,
		Hash: 40 * time.Millisecond, SignInNode: 50 * time.Millisecond, SignInDatabase: 10 * time.Millisecond, Check: 200,
		RevocationMemory: 40, RevocationLoad: time.Microsecond, ReadDatabase: 100 * time.Microsecond, Prune: time.Millisecond,
		AccountDisk: 500, SessionDisk: 1000, RevocationDisk: 100, RefreshLog: 500, RefreshLogCold: 2000, RefreshLogPacked: 1000,
	}
}

func TestFleetFor(t *testing.T) {
	t.Parallel()
	// 864,000 active accounts: ten for each second of a day.
	a := scale.Assumptions{
		Accounts: 8_640_000, Active: 0.1, Hours: 2, Requests: 100, Sessions: 2, SignIns: 1, SignOuts: 0.5, Peak: 4,
		AccessTTL: 15 * time.Minute, Cores: 2, Busy: 0.5, Connections: 10,
	}
	n := scale.FleetFor(a, figures())
	for what, got := range map[string][2]float64{
		"active":             {n.Active, 864_000},
		"sessions":           {n.Sessions, 17_280_000},
		"refreshes, mean":    {n.MeanRefreshes, 80},
		"refreshes":          {n.Refreshes, 320},
		"sign-ins":           {n.SignIns, 40},
		"sign-outs":          {n.SignOuts, 20},
		"writes":             {n.Writes, 320 + 6*40 + 20},
		"writes with Redis":  {n.WritesWithRedis, 380},
		"hashes":             {n.HashProcessors, 1.6},
		"processors":         {n.NodeProcessors, 0.34 + 2},
		"nodes":              {n.Nodes, 4},
		"database":           {n.DatabaseProcessors, 0.16 + 0.4 + 0.02 + 4*22.5*0.0001},
		"database's cores":   {n.DatabaseCores, 2},
		"connections":        {n.OpenConnections, 44},
		"counter":            {n.Counter, 0.1},
		"housekeeping":       {n.Housekeeping, 0.015},
		"live revocations":   {n.LiveRevocations, 20 * 1200},
		"memory":             {n.RevocationMemory, 960_000},
		"load":               {n.RevocationLoad.Seconds(), 0.024},
		"disk":               {n.Disk, 8_640_000*500 + 17_280_000*1000 + 24_000*100},
		"log at the peak":    {n.LogPerSecond, 640_000},
		"log, compressed":    {n.LogPacked, 320_000},
		"log of a day":       {n.LogPerDay, 80 * 86_400 * 2000},
		"everybody, seconds": {n.EverybodySignsIn.Seconds(), 864_000 * 0.05 / 8},
		"checking, known":    {n.CheckingCached, 4000 * 1.04e-6},
		"checking, new ones": {n.CheckingNew, 4000 * 88.4e-6},
	} {
		if math.Abs(got[0]-got[1]) > 1e-6*math.Abs(got[1]) {
			t.Errorf("%s: %v, want %v", what, got[0], got[1])
		}
	}
}

// A small service has two nodes, so that one may fail.
func TestFleetIsNeverOne(t *testing.T) {
	t.Parallel()
	a := scale.Examples()[0]
	a.Accounts = 1
	if n := scale.FleetFor(a, figures()); n.Nodes != 2 {
		t.Errorf("%v nodes", n.Nodes)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]scale.Figures{"measured": figures(), "nothing measured": {}} {
		text := f.FigureTable() + scale.AssumptionTable(scale.Examples()) + scale.FleetTable(scale.Examples(), f)
		if bad := regexp.MustCompile(`.*(NaN|Inf|%!|\de[+-]\d).*`).FindString(text); bad != "" {
			t.Errorf("%s: %s", name, bad)
		}
		cells := 0
		for line := range strings.Lines(text) {
			n := strings.Count(line, "|")
			if cells != 0 && n != 0 && n != cells && !strings.HasPrefix(line, "| | ") {
				t.Errorf("%s: a row of %d cells in a table of %d: %s", name, n-1, cells-1, line)
			}
			cells = n
		}
	}
	if text := scale.FleetTable(scale.Examples(), figures()); !strings.Contains(text, "| N a | 200,000 | 600,000 | 20,000,000 | 60,000,000 |") {
		t.Error(text)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	const page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n"
	updated, err := scale.Update(page, "x", "new\n")
	if want := "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n"; err != nil || updated != want {
		t.Errorf("%q, %v", updated, err)
	}
	if again, err := scale.Update(updated, "x", "new\n"); err != nil || again != updated {
		t.Errorf("%q, %v", again, err)
	}
	if _, err := scale.Update(page, "y", ""); err == nil {
		t.Error("a part that is not there was replaced")
	}
}

func TestReadWhatWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "figures.json")
	want := figures()
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	if got, err := scale.Read(path); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := scale.Read(path + "x"); err == nil {
		t.Error("no file was read")
	}
	if scale.Nanoseconds(math.NaN()) != 0 || scale.Nanoseconds(1.5) != 2 {
		t.Error("Nanoseconds")
	}
}
