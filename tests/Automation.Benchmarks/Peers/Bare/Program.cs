using System.Text;

var api = $"http://{Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API")}/2018-06-01/runtime/invocation";
using var client = new HttpClient();
while (true)
{
    using var next = await client.GetAsync(new Uri($"{api}/next"));
    _ = await next.Content.ReadAsByteArrayAsync();
    using var answer = new StringContent("""{"decisions":[{"decision":"not-ours","code":"no-dependants"}]}""", Encoding.UTF8, "application/json");
    using var accepted = await client.PostAsync(new Uri($"{api}/{next.Headers.GetValues("Lambda-Runtime-Aws-Request-Id").First()}/response"), answer);
}
