package storecopy_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jetonauth/jeton"
	"github.com/jetonauth/jeton/internal/storecopy"
	"github.com/jetonauth/jeton/store/memory"
)

func ExampleCopy() {
	ctx := context.Background()
	from, to := memory.New(), memory.New()
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := from.CreateUser(ctx, &jeton.User{ID: "1", Email: "Ada@example.com", EmailKey: "ada@example.com", CreatedAt: created}); err != nil {
		fmt.Println(err)
		return
	}
	result, err := storecopy.Copy(ctx, from, to, storecopy.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range result.Tables {
		fmt.Printf("%-15s  %d copied, %d there: %x\n", t.Name, t.Copied, t.To.Rows, t.To.Digest[:6])
	}
	fmt.Println("the same:", result.Equal())
	// Output:
	// revocations      0 copied, 0 there: f227abe47c45
	// accounts         1 copied, 1 there: f274bb303247
	// sessions         0 copied, 0 there: 6352f0b51ea7
	// service clients  0 copied, 0 there: 45c035f670dc
	// signing keys     0 copied, 0 there: bdd71c5778a1
	// the same: true
}
