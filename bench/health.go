package main

func health(*stage, int, int) journey {
	return func(c *conn) error {
		a, err := c.exchange(get("/healthz"))
		if err != nil {
			return err
		}
		return a.expect(200)
	}
}
