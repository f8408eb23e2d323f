package config

// didYouMean is a hint at the candidate that name was probably meant to be.
func didYouMean(name string, candidates []string) string {
	if best := closest(name, candidates); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// closest is the candidate nearest to name, if one is near.
func closest(name string, candidates []string) string {
	if len(name) > 64 {
		return "" // no key is that long, and the cost is the product of the lengths
	}
	best, distance := "", max(1, len(name)/3)+1
	for _, candidate := range candidates {
		if d := editDistance(name, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance counts the bytes to insert, drop or replace (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
