module palestra.test/probe

go 1.22
