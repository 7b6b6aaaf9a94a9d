using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class LargeBinaryTests
{
    private const int Part = 64 * 1024;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(Part - 1, 1)]
    [InlineData(Part, 1)]
    [InlineData(Part + 1, 2)]
    [InlineData(2 * Part, 2)]
    [InlineData(10 * Part, 10)]
    [InlineData((10 * Part) + 1, 11)]
    public void A_value_comes_back_whole_from_its_parts(int length, int parts)
    {
        var value = Any.Content(length);
        var properties = new Dictionary<string, object> { ["other"] = "x", ["payloads"] = Array.Empty<byte>() };
        LargeBinary.Write(properties, "payload", value);
        Assert.Equal(parts + 2, properties.Count);
        Assert.All(properties.Values.OfType<byte[]>(), b => Assert.InRange(b.Length, 0, Part));
        Assert.Equal(value, LargeBinary.Find(Row(properties), "payload")?.ToArray());
    }

    [Fact]
    public void A_row_without_the_value_has_none() => Assert.Null(LargeBinary.Find(Row(new() { ["payload1"] = new byte[1] }), "payload"));

    private static TableRow Row(Dictionary<string, object> properties) => new(new RowKey("p", "r"), properties, "e", default);
}
