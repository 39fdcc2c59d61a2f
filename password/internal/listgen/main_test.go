package main

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMostFrequent(t *testing.T) {
	t.Parallel()
	list := "Zebra123\nshort\nzebra123\nhas\ttab1\n" +
		"\xff\xff\xff\xff\xff\xff\xff\xff\nétésétés\ne\u0301te\u0301se\u0301te\u0301s\nlast-one\nbeyond-it\n"
	got, err := mostFrequent(strings.NewReader(list), 3)
	if want := []string{"zebra123", "étésétés", "last-one"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("mostFrequent = %q, %v, want %q", got, err, want)
	}
	if _, err := mostFrequent(strings.NewReader(list), 5); err == nil {
		t.Error("no error for a list that is too short")
	}
}

func TestRunRefusesShortList(t *testing.T) {
	t.Parallel()
	from, to := filepath.Join(t.TempDir(), "list.gz"), filepath.Join(t.TempDir(), "common.txt")
	file, err := os.Create(from)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	if _, err := zipped.Write([]byte("password\n12345678\n")); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := run(from, to); err == nil || !strings.Contains(err.Error(), "only 2") {
		t.Errorf("run = %v, want an error for 2 of 10,000", err)
	}
	if _, err := os.Stat(to); !os.IsNotExist(err) {
		t.Errorf("a list was written all the same: %v", err)
	}
}
