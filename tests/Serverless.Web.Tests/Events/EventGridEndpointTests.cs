using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Delivery;
using Xunit;

namespace Serverless.Web.Tests.Events;

/// <summary>How the registry signs in to Event Grid.</summary>
public sealed class EventGridEndpointTests : EndpointTest
{
    private const string Format = "Format=EventGrid";

    [Fact]
    public async Task A_key_is_sent_as_it_is_set_and_nobody_signs_in()
    {
        var credential = new FakeCredential(Time);
        Assert.True((await New([Format, "Headers:0=aeg-sas-key: k"], credential: credential).SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
        var got = Assert.Single(Receiver.Received);
        Assert.Equal(("k", false), (got.Headers["aeg-sas-key"], got.Headers.ContainsKey("Authorization")));
        Assert.Empty(credential.Asked);
    }

    [Fact]
    public async Task A_token_is_used_until_shortly_before_it_expires()
    {
        var credential = new FakeCredential(Time);
        var endpoint = New([Format], credential: credential);
        await endpoint.SendAsync(EventSamples.Push, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(54));
        await endpoint.SendAsync(EventSamples.Push, CancellationToken.None);
        Time.Advance(TimeSpan.FromMinutes(2));
        await endpoint.SendAsync(EventSamples.Push, CancellationToken.None);
        Assert.Equal(["Bearer token-1", "Bearer token-1", "Bearer token-2"], Receiver.Received.Select(r => r.Headers["Authorization"]));
        Assert.All(credential.Asked, scope => Assert.Equal("https://eventgrid.azure.net/.default", scope));
    }

    [Fact]
    public async Task A_token_that_is_not_taken_is_replaced()
    {
        Receiver.Answer = http => EventReceiver.Status(http, http.Request.Headers.Authorization == "Bearer token-1" ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK);
        var endpoint = New([Format], credential: new FakeCredential(Time));
        Assert.False((await endpoint.SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
        Assert.True((await endpoint.SendAsync(EventSamples.Push, CancellationToken.None)).IsDelivered);
    }

    [Fact]
    public async Task Without_an_identity_the_endpoint_does_not_work()
    {
        var outcome = await New([Format], credential: new FakeCredential(Time) { Failure = new CredentialUnavailableException("s3cret\nof the machine") }).SendAsync(EventSamples.Push, CancellationToken.None);
        Assert.Equal("There is no token for Event Grid (CredentialUnavailableException): the registry needs an identity, or the endpoint a header aeg-sas-key.", outcome.Problem);
        Assert.False(outcome.IsRefused);
        Assert.Empty(Receiver.Received);
    }

    [Fact]
    public async Task What_ACR_has_no_event_for_is_delivered_without_a_request()
    {
        var endpoint = New([Format, "Headers:0=aeg-sas-key: k"]);
        foreach (var told in (Serverless.Registry.Events.RegistryEvent[])[EventSamples.Blob, EventSamples.Mount, EventSamples.Pull, EventSamples.TagDeletion, EventSamples.RepositoryDeletion])
        {
            Assert.Equal(DeliveryOutcome.Delivered, await endpoint.SendAsync(told, CancellationToken.None));
        }

        Assert.Empty(Receiver.Received);
    }

    private sealed class FakeCredential(TimeProvider time) : TokenCredential
    {
        private readonly List<string> _asked = [];

        public IReadOnlyList<string> Asked => _asked;

        public Exception? Failure { get; init; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            if (Failure is not null) throw Failure;
            _asked.Add(requestContext.Scopes.Single());
            return ValueTask.FromResult(new AccessToken($"token-{_asked.Count}", time.GetUtcNow().AddHours(1)));
        }
    }
}
