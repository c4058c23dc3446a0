package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"time"
)

func main() {
	zone, err := time.LoadLocation("Asia/Tokyo")
	pool, failed := x509.SystemCertPool()
	if err != nil || failed != nil || pool.Equal(x509.NewCertPool()) {
		fmt.Println(err, failed)
		os.Exit(1)
	}
	fmt.Println(zone, "and certificates")
}
