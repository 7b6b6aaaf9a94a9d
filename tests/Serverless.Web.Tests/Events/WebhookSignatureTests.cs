using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Serverless.Testing;
using Serverless.Web.Events;
using Xunit;

namespace Serverless.Web.Tests.Events;

public sealed class WebhookSignatureTests : EndpointTest
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    // The example that the libraries of Standard Webhooks are tested with.
    [Fact]
    public void A_signature_is_what_Standard_Webhooks_has_it()
    {
        var headers = WebhookSignature.Headers(
            Convert.FromBase64String(Secret[6..]), "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), Encoding.UTF8.GetBytes("""{"test": 2432232314}"""));
        Assert.Equal(
            ["webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330", "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
            headers.Select(h => $"{h.Key}: {h.Value}"));
    }

    [Theory]
    [InlineData(Secret, "Distribution")]
    [InlineData("a text of one's own", "CloudEvents")]
    [InlineData(Secret, "CloudEventsBinary")]
    public async Task The_example_in_the_docs_verifies_what_is_sent_and_nothing_else(string secret, string format)
    {
        Assert.True((await New([$"Secret={secret}", $"Format={format}"]).SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
        var (got, now) = (Receiver.Received.Single(), Time.GetUtcNow().ToUnixTimeSeconds());
        var headers = got.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value);
        byte[] changed = [.. got.Body[..^1], (byte)'!'];
        var answers = await VerifyAsync(
            new Case(headers, got.Body, secret, now), new Case(headers, got.Body, secret, now + 299),
            new Case(headers, got.Body, secret, now + 301), new Case(headers, changed, secret, now), new Case(headers, got.Body, secret + "QUJD", now),
            new Case(With("webhook-id", "another"), got.Body, secret, now), new Case(With("webhook-timestamp", $"{now + 1}"), got.Body, secret, now), new Case(With("webhook-signature", "v1,QUJD"), got.Body, secret, now),
            new Case(With("webhook-signature", "v1,QUJD " + headers["webhook-signature"]), got.Body, secret, now));
        Assert.Equal([true, true, false, false, false, false, false, false, true], answers);

        Dictionary<string, string> With(string name, string value) => new(headers) { [name] = value };
    }

    [Fact]
    public async Task Each_attempt_has_a_time_of_its_own_and_the_id_of_the_event()
    {
        var endpoint = New([$"Secret={Secret}"]);
        await endpoint.SendAsync(EventSamples.Push, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(10));
        await endpoint.SendAsync(EventSamples.Push, CancellationToken.None);
        Assert.Equal([EventSamples.Id, EventSamples.Id], Receiver.Received.Select(r => r.Headers["webhook-id"]));
        Assert.Equal([0L, 600L], Receiver.Received.Select(r => long.Parse(r.Headers["webhook-timestamp"], null) - long.Parse(Receiver.Received[0].Headers["webhook-timestamp"], null)));
        Assert.NotEqual(Receiver.Received[0].Headers["webhook-signature"], Receiver.Received[1].Headers["webhook-signature"]);
        Assert.Equal(Receiver.Received[0].Body, Receiver.Received[1].Body);
    }

    private static async Task<bool[]> VerifyAsync(params Case[] cases)
    {
        var module = new Uri(Path.Combine(SourceTree.Root, "docs", "examples", "verify-webhook.mjs")).AbsoluteUri;
        var script = $$"""
            import { verify } from '{{module}}';
            let text = '';
            for await (const chunk of process.stdin) text += chunk;
            console.log(JSON.stringify(JSON.parse(text).map(c => verify(c.Headers, Buffer.from(c.Body, 'base64'), c.Secret, c.Now))));
            """;
        using var node = Process.Start(new ProcessStartInfo("node", ["--input-type=module", "-e", script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(cases));
        node.StandardInput.Close();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return JsonSerializer.Deserialize<bool[]>(output)!;
    }

    private sealed record Case(Dictionary<string, string> Headers, byte[] Body, string Secret, long Now);
}
