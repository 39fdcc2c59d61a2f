package jwt

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// sextets holds, for each character in each of the four places of a group, its six bits where they belong in the group's 24, or
// notSextet.
//
//nolint:gochecknoglobals // an immutable table
var sextets = makeSextets()

// notSextet marks a character that is not of base64url's alphabet. The bit is above the 24 of a group.
const notSextet = 1 << 31

func makeSextets() (table [4][256]uint32) {
	for place := range table {
		for c := range table[place] {
			table[place][c] = notSextet
		}
		for value := range alphabet {
			table[place][alphabet[value]] = uint32(value) << (18 - 6*place)
		}
	}
	return table
}

// appendSegment decodes one part of a token: base64url without padding (RFC 7515, section 2), in its one canonical spelling, so
// that no bit of the text goes unused.
func appendSegment(dst []byte, segment string) (decoded []byte, ok bool) {
	n := len(dst)
	// A group is written with a byte too many, and two groups with two, over which the next ones write.
	dst = slices.Grow(dst, len(segment)/4*3+8)
	out := dst[n:cap(dst)]
	at := 0
	for len(segment) >= 8 {
		first, second := sextetsOf(segment[0:4]), sextetsOf(segment[4:8])
		if (first|second)&notSextet != 0 {
			return dst, false
		}
		binary.BigEndian.PutUint64(out[at:at+8], uint64(first)<<40|uint64(second)<<16)
		segment = segment[8:]
		at += 6
	}
	if len(segment) >= 4 {
		group := sextetsOf(segment[:4])
		if group&notSextet != 0 {
			return dst, false
		}
		binary.BigEndian.PutUint32(out[at:at+4], group<<8)
		segment = segment[4:]
		at += 3
	}
	dst = dst[:n+at]
	switch len(segment) {
	case 0:
		return dst, true
	case 2:
		group := sextets[0][segment[0]] | sextets[1][segment[1]]
		return append(dst, byte(group>>16)), group&(notSextet|0xffff) == 0
	case 3:
		group := sextets[0][segment[0]] | sextets[1][segment[1]] | sextets[2][segment[2]]
		return append(dst, byte(group>>16), byte(group>>8)), group&(notSextet|0xff) == 0
	}
	return dst, false
}

// sextetsOf returns the 24 bits of four characters.
func sextetsOf(group string) uint32 {
	return sextets[0][group[0]] | sextets[1][group[1]] | sextets[2][group[2]] | sextets[3][group[3]]
}

// pairs holds the two characters for each twelve bits, the first one in the lower byte.
//
//nolint:gochecknoglobals // an immutable table
var pairs = makePairs()

func makePairs() (table [1 << 12]uint16) {
	for bits := range table {
		table[bits] = uint16(alphabet[bits>>6]) | uint16(alphabet[bits&63])<<8
	}
	return table
}

// appendEncoded appends data in base64url without padding.
func appendEncoded(dst, data []byte) []byte {
	n := len(dst)
	size := base64.RawURLEncoding.EncodedLen(len(data))
	dst = slices.Grow(dst, size)[:n+size]
	out := dst[n:]
	// Eight bytes are read, and six of them used.
	for len(data) >= 8 {
		group := binary.BigEndian.Uint64(data)
		binary.LittleEndian.PutUint64(out, uint64(pairs[group>>52])|uint64(pairs[group>>40&0xfff])<<16|
			uint64(pairs[group>>28&0xfff])<<32|uint64(pairs[group>>16&0xfff])<<48)
		data, out = data[6:], out[8:]
	}
	base64.RawURLEncoding.Encode(out, data)
	return dst
}

// decodeSegment is appendSegment for those who want to know which rule was broken.
func decodeSegment(segment string) ([]byte, error) {
	decoded, ok := appendSegment(make([]byte, 0, len(segment)/4*3+2), segment)
	if !ok {
		return nil, explainSegment(segment)
	}
	return decoded, nil
}

func explainSegment(segment string) error {
	switch {
	case strings.ContainsAny(segment, " \t\r\n"):
		return errors.New("white space in base64url")
	case strings.Contains(segment, "="):
		return errors.New("padding in base64url")
	case strings.ContainsAny(segment, "+/"):
		return errors.New("base64 instead of base64url")
	case strings.ContainsFunc(segment, notBase64URL):
		return errors.New("a character that is not base64url")
	case len(segment)%4 == 1:
		return errors.New("impossible length of base64url")
	default:
		return errors.New("unused bits in base64url are not zero")
	}
}

func notBase64URL(r rune) bool {
	letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
}
