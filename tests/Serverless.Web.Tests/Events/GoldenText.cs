using System.Text;
using Serverless.Web.Events;

namespace Serverless.Web.Tests.Events;

/// <summary>JSON that a message must be, to the last byte.</summary>
internal static class GoldenText
{
    /// <summary>A text that is broken into lines to be read, as one line.</summary>
    public static string Compact(string lines) => string.Concat(lines.Split('\n').Select(l => l.Trim()));

    /// <summary>What was written, with a word for the digest that all samples share.</summary>
    public static string Text(EventMessage message) => Encoding.UTF8.GetString(message.Body).Replace(EventSamples.DigestText, "DIGEST", StringComparison.Ordinal);
}
