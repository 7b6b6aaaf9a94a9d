using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

public sealed class ServerExecutableTests
{
    [Fact]
    public void In_CI_the_native_executable_is_tested() => Assert.True(ServerExecutable.IsNative || Environment.GetEnvironmentVariable("CI") != "true", "PUBLISHED_SERVER is not set.");
}
