package settings

// Nearest returns the name that somebody has probably meant who wrote word, or nothing if none is near. Letters that are missing,
// too many, wrong or swapped count one each; a third of the letters may be so.
func Nearest(word string, names []string) string {
	best, least := "", max(1, (len([]rune(word))+1)/3)+1
	for _, name := range names {
		if d := distance(word, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is the optimal string alignment distance of two words.
func distance(one, other string) int {
	a, b := []rune(one), []rune(other)
	const long = 64
	if len(a) > long || len(b) > long {
		return max(len(a), len(b)) // near nothing
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			substitute := last[j]
			if a[i] != b[j] {
				substitute++
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, substitute)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
