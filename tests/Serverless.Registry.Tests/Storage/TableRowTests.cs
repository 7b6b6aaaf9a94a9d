using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Storage;

public sealed class TableRowTests
{
    private readonly TableRow _row = new(
        new RowKey("p", "r"), new Dictionary<string, object> { ["text"] = "a", ["int"] = 1, ["long"] = 2L, ["bytes"] = new byte[] { 3 } }, "e", default);

    [Fact]
    public void Properties_are_read_by_type()
    {
        Assert.Equal(("a", "a"), (_row.FindString("text"), _row.GetString("text")));
        Assert.Equal((1, 2), (_row.GetInt64("int"), _row.GetInt64("long")));
        Assert.Equal([3], _row.FindBytes("bytes"));
    }

    [Fact]
    public void A_property_that_is_not_there_or_of_another_type_is_absent_or_a_fault()
    {
        Assert.Null(_row.FindString("int"));
        Assert.Null(_row.FindBytes("none"));
        Assert.Contains("p|r", Assert.Throws<InvalidDataException>(() => _row.GetString("none")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => _row.GetInt64("text"));
    }
}
