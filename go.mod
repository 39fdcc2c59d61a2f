module github.com/jetonauth/jeton

go 1.26.0
