// The gauge: a static program that starts others and reads its texts where it was told to when it was built.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

var place = "/opt/gauge-texts"

func main() {
	if len(os.Args) > 2 && os.Args[1] == "texts" {
		data, err := os.ReadFile(filepath.Join(place, os.Args[2]))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Print(string(data))
		return
	}
	out, err := exec.Command("pdfinfo", "-v").CombinedOutput()
	fmt.Println(len(out) > 10, err)
}
