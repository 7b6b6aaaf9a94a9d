using System.Net;

namespace Serverless.Web.Http;

/// <summary>Names that mean the machine itself to whoever uses them, and that no name server points elsewhere (RFC 6761, section 6.3; RFC 1122, section 3.2.1.3).</summary>
internal static class LoopbackNames
{
    /// <summary>Whether the name, without its port, is one of them: <c>localhost</c>, what ends with <c>.localhost</c>, <c>127.0.0.0/8</c>, <c>[::1]</c>.</summary>
    public static bool Include(string host)
    {
        var name = host.EndsWith('.') ? host[..^1] : host;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}
