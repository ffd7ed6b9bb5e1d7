// What a pod can do, tried from inside it: one static program, the only thing in the tests' image.
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

const patience = 2 * time.Second

func main() {
	if len(os.Args) < 2 {
		os.Exit(2)
	}
	switch words := os.Args[2:]; os.Args[1] {
	case "listen":
		for _, port := range words {
			go serve(port)
		}
		select {}
	case "connect":
		for _, address := range words {
			fmt.Println(address, connect(address))
		}
	case "lookup":
		addresses, err := net.LookupHost(words[0])
		fmt.Println(addresses, err)
	case "read":
		text, err := os.ReadFile(words[0])
		fmt.Println(string(text), err)
	case "burn":
		seconds, _ := strconv.Atoi(words[0])
		burn(time.Duration(seconds) * time.Second)
	default:
		os.Exit(2)
	}
}

func serve(port string) {
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		if socket, err := listener.Accept(); err == nil {
			socket.Write([]byte("hello\n"))
			socket.Close()
		}
	}
}

// open: connected, and said something or was refused by nobody in between.
func connect(address string) string {
	socket, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return "closed"
	}
	socket.Close()
	return "open"
}

// All processors for so long; prints the cores it had on average.
func burn(long time.Duration) {
	for range runtime.NumCPU() {
		go func() {
			for {
			}
		}()
	}
	began := time.Now()
	time.Sleep(long)
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	spent := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	fmt.Printf("%.2f\n", float64(spent)/float64(time.Since(began)))
}
