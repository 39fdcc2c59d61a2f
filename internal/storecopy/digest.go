package storecopy

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// digest makes a [Side].
type digest struct {
	hash hash.Hash
	rows int
}

func newDigest(table string) *digest {
	d := &digest{hash: sha256.New()}
	d.write([]byte(table))
	return d
}

// write adds bytes and, before them, how many they are.
func (d *digest) write(b []byte) {
	d.hash.Write(binary.AppendUvarint(nil, uint64(len(b))))
	d.hash.Write(b)
}

func (d *digest) row(b []byte) {
	d.write(b)
	d.rows++
}

func (d *digest) side() Side { return Side{Rows: d.rows, Digest: [sha256.Size]byte(d.hash.Sum(nil))} }
