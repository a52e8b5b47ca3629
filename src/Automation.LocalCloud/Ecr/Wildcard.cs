namespace Automation.LocalCloud.Ecr;

/// <summary>The <c>*</c> wildcards of ECR's filters: any number of characters, none included; nothing else is special.</summary>
internal static class Wildcard
{
    public static bool Matches(string pattern, string text)
    {
        // Greedy matching with one point of return: linear in practice, never exponential.
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }
}
