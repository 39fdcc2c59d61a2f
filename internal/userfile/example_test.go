package userfile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jetonauth/jeton/internal/userfile"
)

func ExampleReader() {
	const file = `email,name,roles
ada@example.com,"Lovelace, Ada",admin;editor
bob@example.com,Bob
`
	r, err := userfile.NewReader(strings.NewReader(file), userfile.CSV)
	if err != nil {
		panic(err)
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(err)
		}
		fmt.Println(row.Line, row.User.Email, row.User.Name, row.User.Roles, row.Problems)
	}
	// Output:
	// 2 ada@example.com Lovelace, Ada [admin editor] []
	// 3   [] [{ unreadable has 2 values, and there are 3 columns}]
}
