using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public sealed class UploadResumeTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    // A client whose PATCH was applied but whose answer was lost holds the first location. It asks how far the upload is and goes on where it is told to.
    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    public async Task The_location_of_a_status_or_of_a_refused_chunk_goes_on_without_a_range(string method)
    {
        var first = await Registry.StartUploadAsync("app");
        await ExpectAsync(Registry.SendAsync("PATCH", first, [1, 2], MediaTypes.OctetStream), HttpStatusCode.Accepted);
        using var told = await Registry.SendAsync(method, first, method == "PATCH" ? [1, 2] : null, method == "PATCH" ? MediaTypes.OctetStream : null);
        Assert.Equal("0-1", Header(told, "Range"));
        await ExpectAsync(Registry.SendAsync("PATCH", Header(told, "Location"), [3, 4], MediaTypes.OctetStream), HttpStatusCode.Accepted);
    }
}
